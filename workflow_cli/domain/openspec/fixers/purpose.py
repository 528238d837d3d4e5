"""A Purpose that is missing or a placeholder, filled with what the change that brought the capability said."""

from __future__ import annotations

import re

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers.fixer import Fixer, Scene, replaced_lines
from workflow_cli.domain.openspec.purpose import MIN_LENGTH, is_placeholder, placeholder_line, purpose_section
from workflow_cli.domain.openspec.spec import Spec, read_spec
from workflow_cli.domain.openspec.text import trim, utf16_length

_NAMED = re.compile(r"created by archiving change (\S+)\. Update Purpose")
_BULLET = re.compile(r"\s*[-*+]\s+(?:\*\*)?`(?P<id>[^`\s]+)`(?:\*\*)?\s*(?:[:：]|[-–—])\s*(?P<text>\S.*)")
_COMMENT = "<!--"


def fix(_finding: Finding, scene: Scene) -> tuple[bytes, str] | None:
    if scene.capability is None or scene.is_delta:
        return None
    spec = read_spec(scene.capability, scene.document)
    named = _NAMED.search(spec.purpose)
    said = {text for change in scene.creators(named[1] if named else None) if (text := said_by(change, spec.id))}
    if len(said) != 1:
        return None
    (text,) = said
    data = _filled(spec, text.split("\n"))
    return (data, f"Purpose of {spec.id}: taken from the change that brought it") if data else None


def said_by(change: Change, capability: str) -> str | None:
    """What a change says a new capability is for: its delta's Purpose, else its line under New Capabilities."""
    for id, document in change.delta_documents:
        if id == capability and (purpose := purpose_section(document.text)):
            return _usable(purpose)
    section = change.proposal.section("New Capabilities") if change.proposal else None
    if section is None:
        return None
    found = [m["text"] for line in section.body if (m := _BULLET.match(line)) and m["id"] == capability]
    return _usable(trim(found[0])) if len(found) == 1 else None


def _usable(text: str) -> str | None:
    headed = any(line.startswith("#") for line in text.split("\n"))
    if headed or _COMMENT in text or is_placeholder(text) or utf16_length(text) < MIN_LENGTH:
        return None
    return text


def _filled(spec: Spec, text: list[str]) -> bytes | None:
    document, heading = spec.document, spec.purpose_heading
    if heading is None:
        first = next((h.line for h in spec.headings if h.level == 2), None)
        return None if first is None else replaced_lines(document, first, first, ["## Purpose", "", *text, ""])
    if not spec.purpose:
        return replaced_lines(document, heading.line + 1, heading.line + 1, ["", *text])
    # A Purpose that says more than the placeholder says something a person wrote.
    if "\n" in spec.purpose:
        return None
    line = placeholder_line(document, spec.purpose)
    return None if line is None else replaced_lines(document, line, line + 1, text)


FIXER = Fixer(
    id="purpose",
    rules=frozenset(("purpose-placeholder", "spec-purpose-missing")),
    reason=(
        "The change that brought the capability said what it is for, in its delta's Purpose or under New Capabilities, "
        "and no other change says anything else."
    ),
    fix=fix,
)
