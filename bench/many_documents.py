"""Five thousand documents: memory and time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from figures import Group, Target, megabytes
from made_trees import many_documents
from measure import Command, run
from places import WORKFLOW, forget

DOCUMENTS = 5_000
LIMIT_MB = 200


def measure(scratch: Path, _rounds: int) -> Group:
    root = scratch / "many"
    size = many_documents(root, DOCUMENTS)
    rows = []
    worst = 0
    for steps in ("validate", "validate,analyse", "validate,analyse,ask"):
        for recorded in (False, True):
            command = Command(
                name=f"{steps}, nothing {'changed' if recorded else 'recorded'}",
                arguments=[WORKFLOW, "process", "--all", "--strict", "--only", steps, "--format", "json"],
                directory=root,
                prepare=(lambda: None) if recorded else partial(forget, root),
            )
            command.prepare()
            wall, cpu, peak = run(command)
            worst = max(worst, peak)
            rows.append((command.name, f"{wall:.1f} s", f"{cpu:.1f} s", megabytes(peak)))
    return Group(
        title=f"{DOCUMENTS:,} documents",
        columns=("steps of `process --all`", "time", "processor", "largest resident size"),
        rows=rows,
        targets=[Target(what="largest resident size", figure=worst / 1e6, limit=LIMIT_MB, unit=" MB")],
        notes=[f"{megabytes(size)} of invented specs and changes; one run each."],
    )
