"""`###Requirement:` without a space, which archiving applies and nothing lists."""

from __future__ import annotations

import re

from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers.fixer import Fixer, Scene, replaced_lines

_TIGHT = re.compile(r"###(?=Requirement:\s*\S)", re.I)


def fix(finding: Finding, scene: Scene) -> tuple[bytes, str] | None:
    if scene.is_delta is None or finding.place.line is None:
        return None
    line = finding.place.line - 1
    text = scene.document.lines[line]
    if not _TIGHT.match(text):
        return None
    spaced = _TIGHT.sub("### ", text, count=1)
    return replaced_lines(scene.document, line, line + 1, [spaced]), f"a space in `{spaced}`"


FIXER = Fixer(
    id="requirement-space",
    rules=frozenset(("hidden-requirement",)),
    reason="Only the space is missing; with it every reader sees the requirement that archiving applies already.",
    fix=fix,
)
