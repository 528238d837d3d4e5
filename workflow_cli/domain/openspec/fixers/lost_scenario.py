"""Scenarios that a MODIFIED block leaves out, put back word for word from the main spec."""

from __future__ import annotations

from collections import Counter

from workflow_cli.domain.openspec.delta import read_delta
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers.fixer import Fixer, Scene, replaced_lines
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import read_spec


def fix(finding: Finding, scene: Scene) -> tuple[bytes, str] | None:
    if not scene.is_delta or scene.main is None or scene.capability is None or finding.place.line is None:
        return None
    delta = read_delta(scene.capability, scene.document)
    block = next((b for b in delta.modified if b.line == finding.place.line - 1), None)
    if block is None or any(block.name in (r.source, r.target) for r in delta.renamed):
        return None
    spec = read_spec(scene.capability, scene.main)
    current = [r for r in spec.requirements if r.name == block.name]
    if len(current) != 1:
        return None
    lost = _lost(current[0], block)
    if not lost:
        return None
    lines = [line for _, text in lost for line in ("", *text)]
    end = block.line + len(block.lines)
    names = ", ".join(f'"{name}"' for name, _ in lost)
    return replaced_lines(scene.document, end, end, lines), f'"{block.name}" keeps {names}'


def _lost(current: Requirement, incoming: Requirement) -> list[tuple[str, list[str]]]:
    """Name and lines of each scenario that goes, in the order of the main spec."""
    left = Counter(s.name for s in incoming.scenarios)
    found = []
    for scenario in current.scenarios:
        if left[scenario.name] > 0:
            left[scenario.name] -= 1
            continue
        header = current.lines[scenario.line - current.line]
        body = list(scenario.body)
        while body and not body[-1].strip():
            body.pop()
        found.append((scenario.name, [header, *body]))
    return found


FIXER = Fixer(
    id="lost-scenario",
    rules=frozenset(("scenario-lost",)),
    reason=(
        "OpenSpec archives no MODIFIED block that leaves a scenario out, so the scenario has to be there; the main spec "
        "has its words. Whoever means to drop it removes the requirement and adds it anew."
    ),
    fix=fix,
)
