"""A scenario whose heading has the wrong level, an indentation, or no space behind its hashes."""

from __future__ import annotations

import re

from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers.fixer import Fixer, Scene, replaced_lines

_HEADING = re.compile(r" {0,3}#{1,6}\s*(?P<title>[^#\s].*?)\s*\Z")


def fix(finding: Finding, scene: Scene) -> tuple[bytes, str] | None:
    if scene.is_delta is None or finding.place.line is None:
        return None
    line = finding.place.line - 1
    # Bold text may be part of a sentence; only a heading says by itself where it begins and ends.
    heading = _HEADING.match(scene.document.lines[line])
    if heading is None:
        return None
    data = replaced_lines(scene.document, line, line + 1, [f"#### {heading['title']}"])
    return data, f"`#### {heading['title']}` at its own level"


FIXER = Fixer(
    id="scenario-level",
    rules=frozenset(("scenario-heading",)),
    reason="The heading says itself that it is a scenario, and OpenSpec reads scenarios at level 4 only.",
    fix=fix,
)
