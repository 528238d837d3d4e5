"""OpenSpec's own tree: `process` beside `openspec validate`."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from figures import TIMED, Group, Target, timed_rows
from measure import Command, run, side_by_side
from places import OPENSPEC, TREE, WORKFLOW, forget

YARDSTICK = "`openspec validate`"
TITLE = "OpenSpec's own tree"


def measure(scratch: Path, rounds: int) -> Group:
    if not TREE.exists():
        note = "Not measured: the corpus is not here (a directory `shared/corpus` beside this repository)."
        return Group(title=TITLE, columns=TIMED, notes=[note])
    validate = ["--only", "validate"]
    analyse = ["--only", "validate,analyse"]
    commands = [
        Command(
            name=YARDSTICK,
            arguments=[OPENSPEC, "validate", "--all", "--strict", "--json"],
            directory=_copy(scratch, "theirs"),
        ),
        _process("validate, nothing recorded", _copy(scratch, "fresh"), validate, fresh=True),
        _process("validate, nothing changed", _copy(scratch, "kept"), validate, fresh=False),
        _process("validate and analyse, nothing recorded", _copy(scratch, "analysed"), analyse, fresh=True),
        _process("validate and analyse, nothing changed", _copy(scratch, "analysed-kept"), analyse, fresh=False),
        _process("every step, nothing recorded", _copy(scratch, "whole"), [], fresh=True),
        _process("every step, nothing changed", _copy(scratch, "whole-kept"), [], fresh=False),
    ]
    for command in commands:  # also what records something for the runs that find everything unchanged
        run(command)
    results = side_by_side(commands, rounds)
    base = results[YARDSTICK].median
    limits = {
        "validate, nothing recorded": 0.5,
        "validate, nothing changed": 0.2,
        "validate and analyse, nothing recorded": 1.0,
    }
    return Group(
        title=TITLE,
        columns=TIMED,
        rows=timed_rows(results, YARDSTICK),
        targets=[
            Target(what=f"{name} over {YARDSTICK}", figure=results[name].median / base, limit=limit)
            for name, limit in limits.items()
        ],
        notes=[
            "Both over all specs and changes of the same tree, strict, as JSON: `workflow process --all --strict "
            "--format json` beside `openspec validate --all --strict --json`. The first also rehearses archiving and "
            "looks for text that archiving would lose."
        ],
    )


def _copy(scratch: Path, name: str) -> Path:
    return Path(shutil.copytree(TREE, scratch / name, symlinks=True))


def _process(name: str, root: Path, steps: list[str], *, fresh: bool) -> Command:
    return Command(
        name=name,
        arguments=[WORKFLOW, "process", "--all", "--strict", "--format", "json", *steps],
        directory=root,
        prepare=partial(_begin_anew, root) if fresh else lambda: None,
    )


def _begin_anew(root: Path) -> None:
    forget(root)
    for questions in root.glob("openspec/changes/*/questions.yaml"):
        questions.unlink()
