"""Archiving a change that adds n requirements to a spec of n, committed to the history, against OpenSpec's archive."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from figures import Group, Target, milliseconds
from made_trees import growing
from measure import Command, side_by_side
from places import OPENSPEC, WORKFLOW

SIZES = (1, 1_000, 3_000)


def measure(scratch: Path, rounds: int) -> Group:
    """Both archive the same tree, made anew before each run."""
    rows, ratios = [], {}
    for n in SIZES:
        made = scratch / f"{n}-made"
        growing(made, n)
        ours = _command("workflow archive", made, [WORKFLOW, "archive", "add-more", "--yes", "--format", "json"])
        theirs = _command("openspec archive", made, [OPENSPEC, "archive", "add-more", "--yes", "--json"])
        # At the largest size OpenSpec takes so long that three runs say enough.
        results = side_by_side([ours, theirs], rounds if n < max(SIZES) else min(rounds, 3))
        mine, real = results[ours.name], results[theirs.name]
        # Processor time: it is what the work costs, however busy the machine is with other things.
        ratios[n] = min(real.cpu) / min(mine.cpu)
        rows.append(
            (
                f"{n:,}",
                milliseconds(mine.median),
                milliseconds(real.median),
                milliseconds(min(mine.cpu)),
                milliseconds(min(real.cpu)),
                f"{real.median / mine.median:.1f}",
                f"{ratios[n]:.1f}",
            )
        )
    return Group(
        title="Archiving a change that adds n requirements to a spec of n",
        columns=(
            "n",
            "workflow archive",
            "openspec archive",
            "processor, workflow",
            "processor, openspec",
            "times faster",
            "times less processor",
        ),
        rows=rows,
        targets=[
            Target(
                what="share of the processor time of `openspec archive` at n = 3,000",
                figure=1 / ratios[max(SIZES)],
                limit=1 / 20,
            )
        ],
        notes=["`workflow archive` also records both texts in its history and writes through a journal."],
    )


def run() -> Group:
    """The figures on their own, three runs each."""
    from places import scratch

    with scratch() as directory:
        return measure(directory, 3)


def _command(name: str, made: Path, arguments: list[str | Path]) -> Command:
    root = made.with_name(f"{made.name}-{name.split()[0]}")
    return Command(
        name=f"{name} {made.name}",
        arguments=arguments,
        directory=root,
        prepare=partial(_copy, made, root),
        statuses=frozenset({0}),
    )


def _copy(made: Path, root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(made, root)


if __name__ == "__main__":
    from figures import as_markdown

    print(as_markdown(run()))
