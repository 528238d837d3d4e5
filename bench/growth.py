"""A change that adds n requirements to a spec of n: how the time grows with n."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

from figures import Group, Target, milliseconds
from made_trees import growing
from measure import Command, Runs, side_by_side
from places import OPENSPEC, WORKFLOW, forget

SIZES = (250, 1_000, 3_000)


def measure(scratch: Path, rounds: int) -> Group:
    roots = {n: scratch / str(n) for n in (1, *SIZES)}
    for n, root in roots.items():
        growing(root, n)
    ours = {
        n: Command(
            name=f"workflow {n}",
            arguments=[WORKFLOW, "process", "add-more", "--strict", "--only", "validate", "--format", "json"],
            directory=root,
            prepare=partial(forget, root),
        )
        for n, root in roots.items()
    }
    theirs = {
        n: Command(
            name=f"openspec {n}",
            arguments=[OPENSPEC, "validate", "add-more", "--strict", "--json"],
            directory=root,
        )
        for n, root in roots.items()
    }
    results = side_by_side([*ours.values(), *(theirs[n] for n in roots if n < max(SIZES))], rounds)
    results |= side_by_side([theirs[max(SIZES)]], 1)  # it takes long, and once is enough to see how long

    def taken(who: str, n: int) -> Runs:
        return results[f"{who} {n}"]

    exponent = {
        who: _exponent([(n, min(taken(who, n).cpu) - min(taken(who, 1).cpu)) for n in SIZES])
        for who in ("workflow", "openspec")
    }
    return Group(
        title="A change adding n requirements to a spec of n",
        columns=("n", "workflow process", "openspec validate", "ratio"),
        rows=[
            (
                f"{n:,}",
                milliseconds(taken("workflow", n).median),
                milliseconds(taken("openspec", n).median),
                f"{taken('workflow', n).median / taken('openspec', n).median:.3f}",
            )
            for n in roots
        ],
        targets=[Target(what="exponent of growth of `workflow process`", figure=exponent["workflow"], limit=1.15)],
        notes=[
            "The exponent is the slope of log processor time over log n between the two largest n, the time for "
            f"n = 1 taken off: 1 is linear. That of `openspec validate` is {exponent['openspec']:.2f}."
        ],
    )


def _exponent(points: list[tuple[int, float]]) -> float:
    # What 250 requirements add to a start is no more than starts differ by among themselves.
    (n0, t0), (n1, t1) = points[-2:]
    return math.log(max(t1, 1e-4) / max(t0, 1e-4)) / math.log(n1 / n0)
