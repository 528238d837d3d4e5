"""`workflow feedback` over long logs: everything read, and a thousand events more, each a whole process."""

from __future__ import annotations

import shutil
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import Group, Target, megabytes, milliseconds
from made_events import write_log
from measure import Command, run
from pace import Pace
from places import WORKFLOW

SIZES = (250_000, 500_000, 1_000_000)
MORE = 1_000


def measure(scratch: Path, rounds: int) -> Group:
    now = datetime.now(UTC)
    group = Group(
        title="Feedback",
        columns=(
            "events",
            "log",
            "a week",
            "processor",
            "peak",
            "all of it",
            "processor",
            "1,000 more",
            "processor",
            "nothing new",
        ),
        notes=[
            "An event is what the commands write, 460 bytes on average, over 31 days up to now; nothing kept from before. A "
            "week: `--since 7d`, for which what is older than the week before that is looked at and not counted. All of "
            "it: `--since 4w`, for which every event is counted. A log this long is read by as many processes as there are processors; peak is that of the largest."
        ],
    )
    for size in SIZES:
        tree = scratch / f"tree-{size}"
        log = tree / ".workflow" / "metrics.jsonl"
        (tree / "openspec" / "specs").mkdir(parents=True)
        log.parent.mkdir()
        write_log(log, size, start=now - timedelta(days=31, hours=1), days=31)
        length = log.stat().st_size
        kept = log.with_name("feedback.db")
        command = Command(name="feedback", arguments=[WORKFLOW, "feedback", "--since", "7d"], directory=tree)
        longer = Command(name="feedback", arguments=[WORKFLOW, "feedback", "--since", "4w"], directory=tree)
        whole, cold, more, same = [], [], [], []
        pace = Pace(scratch)
        for number in range(rounds):
            kept.unlink(missing_ok=True)
            whole.append(run(longer))
            kept.unlink()
            pace.step()
            cold.append(run(command))
            pace.step()
            write_log(log, MORE, start=now - timedelta(minutes=50 - 5 * number), days=0.003, seed=100 + number)
            more.append(run(command))
            same.append(run(command))
        group.rows.append(
            (
                f"{size:,}",
                megabytes(length),
                milliseconds(_middle(cold, 0)),
                milliseconds(_middle(cold, 1)),
                megabytes(max(peak for _, _, peak in (*cold, *whole))),
                milliseconds(_middle(whole, 0)),
                milliseconds(_middle(whole, 1)),
                milliseconds(_middle(more, 0)),
                milliseconds(_middle(more, 1)),
                milliseconds(_middle(same, 0)),
            )
        )
        if size == SIZES[-1]:
            peak = max(peak for _, _, peak in (*cold, *whole)) / 1e6
            group.targets.extend(
                (
                    _in_seconds("feedback over 1,000,000 events", cold, 2, pace),
                    Target(what="memory of that", figure=peak, limit=500, unit=" MB"),
                    _in_seconds("again after 1,000 more", more, 0.3, pace),
                )
            )
        shutil.rmtree(tree)
    return group


def _in_seconds(what: str, runs: list[tuple[float, float, int]], limit: float, pace: Pace) -> Target:
    return Target(what=what, figure=_middle(runs, 0), limit=limit, unit=" s", slower=pace.slower)


def _middle(runs: list[tuple[float, float, int]], place: int) -> float:
    return statistics.median(run[place] for run in runs)
