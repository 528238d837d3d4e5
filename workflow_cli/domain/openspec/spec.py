"""A main spec: purpose, requirements, and the two views OpenSpec takes of them.

OpenSpec reads a main spec twice. The *outline* view (its `list`, `show` and the scenario rule) takes every
section below `Requirements` for a requirement; the *block* view (its archive and keyword rules) knows only
`### Requirement:` headers below a level-2 `## Requirements`. Both are derived here from one list of headings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.fence import text_mask
from workflow_cli.domain.openspec.heading import Heading, headings
from workflow_cli.domain.openspec.requirement import TOP_LEVEL_HEADER, Requirement, read_blocks, statement
from workflow_cli.domain.openspec.text import js, trim

REQUIREMENTS_HEADER = js(r"##\s+Requirements\s*$", re.A | re.I)


@dataclass(frozen=True, kw_only=True, slots=True)
class OutlineRequirement:
    """A requirement of the outline view; `line` counts from 0."""

    title: str
    line: int
    text: str
    scenarios: int


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementsSection:
    """The block view: the `## Requirements` section cut into blocks. Line numbers count from 0."""

    line: int
    end: int
    preamble: tuple[str, ...]
    blocks: tuple[Requirement, ...]


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One capability's main spec under one reading of its fences (`mask`)."""

    id: str
    document: Document
    mask: Sequence[bool]

    @property
    def lines(self) -> list[str]:
        return self.document.lines

    @cached_property
    def headings(self) -> list[Heading]:
        return list(headings(self.lines, self.mask))

    def _find(self, title: str) -> Heading | None:
        return next((h for h in self.headings if h.is_titled(title)), None)

    def _content(self, heading: Heading) -> str:
        end = next(
            (h.line for h in self.headings if h.line > heading.line and h.level <= heading.level),
            len(self.lines),
        )
        return trim("\n".join(self.lines[heading.line + 1 : end]))

    @cached_property
    def purpose_heading(self) -> Heading | None:
        return self._find("Purpose")

    @cached_property
    def purpose(self) -> str:
        """The text under the first heading titled Purpose, at any level; empty where there is none."""
        return self._content(self.purpose_heading) if self.purpose_heading else ""

    @cached_property
    def requirements_heading(self) -> Heading | None:
        return self._find("Requirements")

    @cached_property
    def outline(self) -> tuple[OutlineRequirement, ...]:
        """Every direct subsection of the first section titled Requirements."""
        root = self.requirements_heading
        if root is None:
            return ()
        found: list[OutlineRequirement] = []
        inside = [h for h in self.headings if h.line > root.line]
        stop = next((i for i, h in enumerate(inside) if h.title is not None and h.level <= root.level), None)
        inside = inside[:stop]
        titled = [h for h in inside if h.title is not None]
        ends = _content_ends(self.headings, len(self.lines))
        for child, grandchildren in _direct_children(titled, root.level):
            content = trim("\n".join(self.lines[child.line + 1 : ends[child.line]]))
            lines = content.split("\n")
            found.append(
                OutlineRequirement(
                    title=child.title or "",
                    line=child.line,
                    text=statement(lines, text_mask(content, lines)) or (child.title or ""),
                    scenarios=sum(
                        any(trim(line) for line in self.lines[g.line + 1 : ends[g.line]])
                        for g, _ in _direct_children(grandchildren, child.level)
                    ),
                )
            )
        return tuple(found)

    @cached_property
    def section(self) -> RequirementsSection | None:
        """The block view, or None without a `## Requirements` line of exactly level 2."""
        lines, mask = self.lines, self.mask
        start = next(
            (i for i, line in enumerate(lines) if line[:2] == "##" and not mask[i] and REQUIREMENTS_HEADER.match(line)),
            None,
        )
        if start is None:
            return None
        end = next(
            (
                i
                for i in range(start + 1, len(lines))
                if lines[i][:2] == "##" and not mask[i] and TOP_LEVEL_HEADER.match(lines[i])
            ),
            len(lines),
        )
        blocks, first = read_blocks(lines, mask, start + 1, end)
        return RequirementsSection(line=start, end=end, preamble=tuple(lines[start + 1 : first]), blocks=tuple(blocks))

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        return self.section.blocks if self.section else ()


def _content_ends(found: Sequence[Heading], total: int) -> dict[int, int]:
    """For each heading's line, the line before which its content ends: the next heading of its level or above."""
    ends: dict[int, int] = {}
    waiting: list[Heading] = []
    for heading in found:
        while waiting and waiting[-1].level >= heading.level:
            ends[waiting.pop().line] = heading.line
        waiting.append(heading)
    for heading in waiting:
        ends[heading.line] = total
    return ends


def _direct_children(titled: Sequence[Heading], level: int) -> list[tuple[Heading, list[Heading]]]:
    """Group headings below a section of `level` into its direct children, each with what lies below it."""
    groups: list[tuple[Heading, list[Heading]]] = []
    for heading in titled:
        if heading.level <= level:
            break
        if groups and heading.level > groups[-1][0].level:
            groups[-1][1].append(heading)
        else:
            groups.append((heading, []))
    return groups


def read_spec(id: str, document: Document, mask: Sequence[bool] | None = None) -> Spec:
    """Read a main spec; by default with OpenSpec's own reading of fences."""
    return _read(id, document) if mask is None else Spec(id=id, document=document, mask=mask)


# One change's checks read the same main spec half a dozen times.
@lru_cache(maxsize=64)
def _read(id: str, document: Document) -> Spec:
    return Spec(id=id, document=document, mask=document.openspec_mask)
