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
from workflow_cli.domain.openspec.requirement import ANY_HEADER, TOP_LEVEL_HEADER, Requirement, read_blocks, statement
from workflow_cli.domain.openspec.text import WHITE_SPACE, js, trim

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
        return list(headings(self.lines, self.mask, self.document.hash_lines))

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
            found.append(
                OutlineRequirement(
                    title=child.title or "",
                    line=child.line,
                    text=self._statement(child.line + 1, ends[child.line]) or (child.title or ""),
                    scenarios=sum(
                        self._first_text(g.line + 1, ends[g.line]) is not None
                        for g, _ in _direct_children(grandchildren, child.level)
                    ),
                )
            )
        return tuple(found)

    def _statement(self, start: int, end: int) -> str:
        """The statement at the top of a section, which is read as a text of its own: trimmed, with its own fences."""
        lines = self.lines
        first = self._first_text(start, end) or end
        stop = next((i for i in range(first, end) if lines[i][:1] == "#"), end)
        # Trimming changes only the first and the last line; what stands between two others can be read as it is.
        as_it_is = first < stop < end - 1 and trim(lines[stop + 1]) and lines[first][0] not in WHITE_SPACE
        if as_it_is and self._has_no_fence and ANY_HEADER.match(lines[stop]):
            return statement(lines[first:stop], [False] * (stop - first))
        content = trim("\n".join(lines[start:end]))
        own = content.split("\n")
        return statement(own, text_mask(content, own))

    def _first_text(self, start: int, end: int) -> int | None:
        """The first line of a range that is not blank."""
        for index in range(start, end):
            if trim(self.lines[index]):
                return index
        return None

    @cached_property
    def _has_no_fence(self) -> bool:
        return not any(self.document.openspec_mask)

    @cached_property
    def section(self) -> RequirementsSection | None:
        """The block view, or None without a `## Requirements` line of exactly level 2."""
        lines, mask = self.lines, self.mask
        hash_lines = self.document.hash_lines
        headers = [i for i in hash_lines if lines[i][:3] != "###" and TOP_LEVEL_HEADER.match(lines[i]) and not mask[i]]
        start = next((i for i in headers if REQUIREMENTS_HEADER.match(lines[i])), None)
        if start is None:
            return None
        end = next((i for i in headers if i > start), len(lines))
        blocks, first = read_blocks(lines, mask, start + 1, end, hash_lines)
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
