"""How long it takes until the commands have said hello."""

from __future__ import annotations

from pathlib import Path

from figures import TIMED, Group, Target, timed_rows
from measure import Command, side_by_side
from places import OPENSPEC, PYTHON, WORKFLOW


def measure(scratch: Path, rounds: int) -> Group:
    commands = [
        Command(name="`openspec --version`", arguments=[OPENSPEC, "--version"], directory=scratch),
        Command(name="`workflow --version`", arguments=[WORKFLOW, "--version"], directory=scratch),
        Command(name="`workflow --help`", arguments=[WORKFLOW, "--help"], directory=scratch),
        Command(name="`python -c pass`", arguments=[PYTHON, "-c", "pass"], directory=scratch),
    ]
    results = side_by_side(commands, rounds)
    base = results["`openspec --version`"].median
    return Group(
        title="Start-up",
        columns=TIMED,
        rows=timed_rows(results, "`openspec --version`"),
        targets=[
            Target(what=f"{name} over `openspec --version`", figure=results[name].median / base, limit=limit)
            for name, limit in (("`workflow --version`", 0.10), ("`workflow --help`", 0.25))
        ],
    )
