"""A new text for a requirement that a main spec has already."""

from __future__ import annotations

from collections import Counter

from workflow_cli.domain.openspec.proposing.plan import PlannedRequirement, PlannedScenario
from workflow_cli.domain.openspec.requirement import Requirement


def replacing(current: Requirement, new: PlannedRequirement) -> PlannedRequirement:
    """The new statement under the current name, with every scenario that the new text does not write anew.

    A MODIFIED block replaces the whole requirement, so what it leaves out is lost.
    """
    written = [s for s in new.scenarios if not s.stands_in]
    left = Counter(s.name for s in written)
    kept = []
    for scenario in current.scenarios:
        if left[scenario.name] > 0:
            left[scenario.name] -= 1
        elif not scenario.is_empty:
            kept.append(PlannedScenario(name=scenario.name, lines=_trimmed(scenario.body)))
    return PlannedRequirement(
        name=current.name,
        statement=new.statement,
        scenarios=(*kept, *written) or new.scenarios,
        modifies=True,
    )


def _trimmed(body: tuple[str, ...]) -> tuple[str, ...]:
    found = [i for i, line in enumerate(body) if line.strip()]
    return body[found[0] : found[-1] + 1]
