"""One task ticked off, as a script would do it: the whole process of `workflow update --check-task`."""

from __future__ import annotations

from pathlib import Path

from figures import TIMED, Group, Target, timed_rows
from measure import Command, side_by_side
from places import OPENSPEC, WORKFLOW

YARDSTICK = "`openspec --version`"
UPDATE = "`workflow update --check-task`"


def measure(scratch: Path, rounds: int) -> Group:
    """Every run changes the file: the task is open again before each."""
    change = scratch / "openspec" / "changes" / "add-login"
    change.mkdir(parents=True)
    (change / "proposal.md").write_text("## Why\nPeople need it.\n\n## What Changes\n- A login\n", encoding="utf-8")
    tasks = change / "tasks.md"
    text = "## 1. Work\n\n" + "".join(f"- [ ] 1.{n} Do part {n} of the work\n" for n in range(1, 41))
    commands = [
        Command(name=YARDSTICK, arguments=[OPENSPEC, "--version"], directory=scratch),
        Command(
            name=UPDATE,
            arguments=[WORKFLOW, "update", "add-login", "--check-task", "1.20"],
            directory=scratch,
            prepare=lambda: tasks.write_text(text, encoding="utf-8"),
            statuses=frozenset({0}),
        ),
    ]
    results = side_by_side(commands, rounds)
    return Group(
        title="One update, the whole process",
        columns=TIMED,
        rows=timed_rows(results, YARDSTICK),
        targets=[
            Target(
                what=f"{UPDATE} over {YARDSTICK}",
                figure=results[UPDATE].median / results[YARDSTICK].median,
                limit=0.5,
            )
        ],
    )
