"""The tallies of a log are those of its lines, however it is read: in one go, bit by bit, or by several processes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflow_cli.adapters.metrics_log import lines as log_lines
from workflow_cli.adapters.metrics_log.files import log_files
from workflow_cli.adapters.metrics_log.metrics_log import MetricsLog
from workflow_cli.domain.feedback.tally import DAY, Tally, total

NOON = 1_795_608_000
NOW = NOON + 3600.0
KINDS = ("question", "model.call", "draft", "process.item", "update", "verdict", "mcp.call", "something.new")


def line_of(chance: random.Random, at: float, *, id: str | None = None) -> str:
    from datetime import UTC, datetime

    kind = chance.choice(KINDS)
    event: dict[str, Any] = {
        "schema": 1,
        "event_id": id or f"{int(at * 1000):012x}{chance.getrandbits(80):020x}",
        "ts": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kind": kind,
        "outcome": chance.choice(("done", "failed", "written")),
        "duration_ms": chance.choice((0, 1, 250.5, 9000)),
    }
    if kind == "question":
        event |= {
            "status": chance.choice(("answered", "pending", "failed")),
            "answerer": chance.choice(("specs", "model", None)),
            "answer_id": f"a{chance.randrange(9)}",
            "terms_hash": f"{chance.randrange(3)}",
            "asker": chance.choice(("Ada", None)),
            "question_kind": "lookup",
            "route": [{"answerer": "model", "outcome": "failed", "failure": "timeout", "attempts": 2, "ms": 12.34}],
            "change": chance.choice((None, "add-it")),
        }
    if kind == "verdict":
        event |= {"answer_id": f"a{chance.randrange(9)}", "client": "c", "answerer": "specs", "outcome": "accepted"}
    if kind == "process.item":
        event |= {"item": "change/add-it", "valid": True, "rules": {"vague": 2}, "fault": chance.choice((None, "no 7"))}
    if kind == "mcp.call":
        event |= {"server": "tracker", "tool": "search", "outcome": chance.choice(("answered", "timeout"))}
    return json.dumps(event) + "\n"


def made_lines(seed: int, count: int) -> list[str]:
    """In order mostly; with jumps, repetitions, lines from the future, and lines that are none."""
    chance = random.Random(seed)
    at = NOON - 6.0 * DAY
    lines: list[str] = []
    for _ in range(count):
        at += chance.choice((0.5, 30, 400, 5000, -20, -400, -9000))
        draw = chance.random()
        if draw < 0.06 and lines:
            lines.append(chance.choice(lines))
        elif draw < 0.09:
            lines.append(chance.choice(('{"torn": \n', "[1]\n", "\n", "\x00\x01\n", '{"kind":"question"}\n', "é\n")))
        elif draw < 0.11:
            lines.append(line_of(chance, NOW + 9 * DAY))
        elif draw < 0.13:
            lines.append(
                json.dumps({**json.loads(line_of(chance, at)), "duration_ms": chance.choice((-1, "5"))}) + "\n"
            )
        else:
            lines.append(line_of(chance, at))
    return lines


def everything(log: MetricsLog) -> dict[int, Tally]:
    """By day, because hours become days as time goes by."""
    days: dict[int, Tally] = {}
    for start, tally in log.tallies(0, 2**40, with_answers=True):
        days.setdefault(start // DAY * DAY, Tally()).add(tally)
    return {day: tally for day, tally in days.items() if tally != Tally()}


def in_full(path: Path) -> dict[int, Tally]:
    return everything(MetricsLog(path, now=NOW, database=None, processes=1))


def test_a_stretch_without_one_usable_line_counts_nothing(tmp_path: Path) -> None:
    """What was read before stays, and the lines are set aside."""
    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    for text in ("no JSON\n", "", "".join(made_lines(0, 20)), "{}\n[]\n"):
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
        assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)


@settings(max_examples=40, deadline=None)
@example(seed=2103, cuts=[1])
@given(seed=st.integers(0, 2**32), cuts=st.lists(st.integers(1, 60), min_size=1, max_size=5))
def test_what_is_read_bit_by_bit_is_what_is_read_at_once(
    seed: int, cuts: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With rotations between, half-written last lines, and after each bit."""
    directory = tmp_path_factory.mktemp("log")
    path, database = directory / "metrics.jsonl", directory / ".workflow" / "feedback.db"
    lines = made_lines(seed, 120)
    number = 0
    for cut in cuts:
        some, lines = lines[:cut], lines[cut:]
        with path.open("a", encoding="utf-8") as file:
            file.writelines(some)
            if seed % 3 == 0 and lines:
                half = len(lines[0]) // 2
                file.write(lines[0][:half])
                lines[0] = lines[0][half:]
        assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)
        if (seed + cut) % 4 == 0 and lines:
            with path.open("a", encoding="utf-8") as file:
                file.write(lines.pop(0))
            number += 1
            path.rename(path.with_name(f"metrics-20260131T12000{number}Z.jsonl"))
    assert everything(MetricsLog(path, now=NOW, database=database)) == in_full(path)


@pytest.mark.parametrize("seed", range(4))
def test_several_processes_read_what_one_does(seed: int, tmp_path: Path) -> None:
    """Stretches of a few kilobytes: what one process needs of another's is there more often than not."""
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(made_lines(seed, 3000)), encoding="utf-8")
    together = MetricsLog(path, now=NOW, database=None, processes=3, least=1000)
    assert everything(together) == in_full(path)


def test_processes_share_a_long_log_in_good_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the helpers' work is taken, and not done over."""
    from workflow_cli.adapters.metrics_log import read_parts

    chance = random.Random(5)
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(line_of(chance, NOON - 9 * DAY + 60 * n) for n in range(12_000)), encoding="utf-8")
    monkeypatch.setattr(read_parts, "BLOCK", 1 << 14)
    taken: list[int] = []
    from workflow_cli.domain.feedback.fold import Fold

    def go_on_with(self: Fold, days: Any, hours: Any, remembered: Any) -> None:
        taken.append(len(days) + len(hours))
        original(self, days, hours, remembered)

    original = Fold.go_on_with
    monkeypatch.setattr(Fold, "go_on_with", go_on_with)
    together = everything(MetricsLog(path, now=NOW, database=None, processes=2, least=1000))
    assert taken
    assert together == in_full(path)


def test_what_is_set_aside_and_why(tmp_path: Path) -> None:
    """One line of each sort; everything else is counted."""
    chance = random.Random(1)
    first = line_of(chance, NOON)
    path = tmp_path / "metrics.jsonl"
    bad = [
        "{torn\n",
        "[]\n",
        '{"kind":"update"}\n',
        first,
        line_of(chance, NOON - 3 * 3600),
        line_of(chance, NOW + 8000),
    ]
    path.write_text("".join([first, "\n", *bad, line_of(chance, NOON + 1)]), encoding="utf-8")
    whole = total(everything(MetricsLog(path, now=NOW, database=None)).values())
    assert whole.aside == {
        "unreadable": 2,
        "malformed": 1,
        "duplicate": 1,
        "out_of_order": 1,
        "from_the_future": 1,
    }
    assert sum(sum(buckets.values()) for buckets in whole.rows.values()) == 2


def test_a_line_without_end_and_one_that_is_far_too_long(tmp_path: Path) -> None:
    """The one is left for later, the other is no event; neither hides what follows."""
    chance = random.Random(2)
    path = tmp_path / "metrics.jsonl"
    long = '{"x":"' + "y" * (log_lines.LONGEST_LINE + 3_000_000) + '"}\n'
    path.write_text(line_of(chance, NOON) + long + line_of(chance, NOON + 1) + '{"half', encoding="utf-8")
    whole = total(everything(MetricsLog(path, now=NOW, database=None)).values())
    assert sum(sum(buckets.values()) for buckets in whole.rows.values()) == 2
    assert set(whole.aside) <= {"unreadable", "malformed"}


def test_files_that_were_put_aside_come_in_their_order(tmp_path: Path) -> None:
    names = ["metrics-20260131T120000Z.jsonl", "metrics-20260131T120000Z-2.jsonl", "metrics-20260131T120000Z-10.jsonl"]
    for name in [*names, "metrics.jsonl", "metrics-old.jsonl", "other.jsonl"]:
        (tmp_path / name).write_text("")
    assert [file.name for file in log_files(tmp_path / "metrics.jsonl")] == [*names, "metrics.jsonl"]


@pytest.mark.parametrize("harm", ["edited", "removed", "database", "replaced"])
def test_what_is_kept_is_made_anew_where_it_is_no_longer_true(harm: str, tmp_path: Path) -> None:
    """Another beginning, a file that is gone, a damaged database, another file in its place."""
    chance = random.Random(3)
    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    old = tmp_path / "metrics-20260131T120000Z.jsonl"
    old.write_text("".join(line_of(chance, NOON - DAY + n) for n in range(50)), encoding="utf-8")
    path.write_text("".join(line_of(chance, NOON + n) for n in range(50)), encoding="utf-8")
    MetricsLog(path, now=NOW, database=database)
    if harm == "edited":
        path.write_text(path.read_text().replace("done", "lost"), encoding="utf-8")
    elif harm == "removed":
        old.unlink()
    elif harm == "replaced":
        path.write_text(line_of(chance, NOON + 5), encoding="utf-8")
    else:
        database.write_bytes(b"nonsense" * 1000)
    log = MetricsLog(path, now=NOW, database=database)
    assert everything(log) == in_full(path)
    assert bool(log.degraded) == (harm == "database")


def test_a_place_that_cannot_be_written_costs_time_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("".join(line_of(random.Random(4), NOON + n) for n in range(20)), encoding="utf-8")
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    log = MetricsLog(path, now=NOW, database=blocked / "feedback.db")
    assert everything(log) == in_full(path)
    assert log.degraded


@pytest.mark.parametrize("table", ["tally SET body", "log SET state"])
def test_what_is_kept_and_is_not_ours(table: str, tmp_path: Path) -> None:
    """Where it says how far was read, all is read again; where it is a sum, that is said, and `fresh` makes it anew."""
    import sqlite3
    from contextlib import closing

    from workflow_cli.errors import DocumentError

    path, database = tmp_path / "metrics.jsonl", tmp_path / ".workflow" / "feedback.db"
    path.write_text("".join(line_of(random.Random(6), NOON + n) for n in range(20)), encoding="utf-8")
    MetricsLog(path, now=NOW, database=database)
    for nonsense in (b"", b"\x93\x01\x02\x03", b"\x92\x93\x91\x01\x01\x01\x90"):
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(f"UPDATE {table} = ?", (nonsense,))
        log = MetricsLog(path, now=NOW, database=database)
        if table.startswith("tally"):
            with pytest.raises(DocumentError, match="damaged"):
                everything(log)
            log = MetricsLog(path, now=NOW, database=database, fresh=True)
        assert everything(log) == in_full(path)
