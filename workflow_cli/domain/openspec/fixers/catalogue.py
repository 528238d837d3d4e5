"""Every fixer, and which rules they mend."""

from __future__ import annotations

from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers import (
    hidden_by_bom,
    lost_scenario,
    purpose,
    requirement_space,
    requirements_header,
    scenario_level,
    task_numbers,
)
from workflow_cli.domain.openspec.fixers.fixer import Fix, Fixer, Scene

FIXERS: tuple[Fixer, ...] = (
    hidden_by_bom.FIXER,
    purpose.FIXER,
    requirements_header.FIXER,
    requirement_space.FIXER,
    scenario_level.FIXER,
    lost_scenario.FIXER,
    task_numbers.FIXER,
)

_BY_RULE = {rule: fixer for fixer in FIXERS for rule in fixer.rules}


def fix(finding: Finding, scene: Scene) -> Fix | None:
    """The repair of one finding in its document; None where there is none, or more than one."""
    fixer = _BY_RULE.get(finding.rule)
    if fixer is None or finding.place.file != scene.document.file:
        return None
    found = fixer.fix(finding, scene)
    if found is None or found[0] == scene.document.data:
        return None
    data, operation = found
    return Fix(rule=finding.rule, path=scene.document.file, before=scene.document.data, after=data, operation=operation)
