"""What makes a main spec's structure unsafe to update: stray delta headers, orphans, duplicates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.requirement import TOP_LEVEL_HEADER, requirement_name
from workflow_cli.domain.openspec.spec import REQUIREMENTS_HEADER
from workflow_cli.domain.openspec.text import js, trim

_DELTA_HEADER = js(r"##\s+(ADDED|MODIFIED|REMOVED|RENAMED)\s+Requirements\s*$", re.A | re.I)
_REQUIREMENT_HEADER = js(r"###\s+Requirement:\s*(.+)\s*$", re.A | re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class StructureIssue:
    """`line` counts from 0."""

    rule: str
    line: int
    message: str


def structure_issues(document: Document, mask: Sequence[bool] | None = None) -> Iterator[StructureIssue]:
    """In document order. A byte-order mark hides a header on the first line here, as it does for OpenSpec."""
    mask = document.openspec_mask if mask is None else mask
    candidates = [
        (index, line)
        for index in document.hash_lines
        if (line := document.lines[index])[:2] == "##"
        and line[:4] != "####"  # the most, and never what is looked for here
        and not mask[index]
        and not (index == 0 and document.has_bom)
    ]
    start = next((i for i, line in candidates if REQUIREMENTS_HEADER.match(line)), None)
    end = len(document.lines)
    if start is not None:
        end = next((i for i, line in candidates if i > start and TOP_LEVEL_HEADER.match(line)), end)
    first_seen: dict[str, int] = {}
    for index, line in candidates:
        if _DELTA_HEADER.match(line):
            yield StructureIssue(
                rule="delta-header-in-spec",
                line=index,
                message=f'"{trim(line)}" belongs in a change, not in a main spec; it ends the Requirements section',
            )
            continue
        header = _REQUIREMENT_HEADER.match(line)
        if not header:
            continue
        if start is None or not start < index < end:
            yield StructureIssue(
                rule="requirement-outside-section",
                line=index,
                message=f'"{trim(line)}" stands outside "## Requirements", where nothing reads it',
            )
            continue
        name = requirement_name(header[1])
        if name in first_seen:
            yield StructureIssue(
                rule="duplicate-requirement",
                line=index,
                message=f'"{trim(line)}" has the name of the requirement on line {first_seen[name] + 1}',
            )
        else:
            first_seen[name] = index
