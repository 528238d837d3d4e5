"""A delta file: what a change adds to, modifies in, removes from or renames in one capability."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.requirement import (
    REQUIREMENT_HEADER,
    Requirement,
    read_blocks,
    requirement_name,
)
from workflow_cli.domain.openspec.text import js, trim, trim_end


class Operation(StrEnum):
    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    REMOVED = "REMOVED"
    RENAMED = "RENAMED"


_SECTION = js(r"(##)\s+(.+)$")
_THIRD_LEVEL = js(r"###\s+(.+)\s*$")
_REMOVED_BULLET = js(r"\s*[-*+]\s*`?###\s*Requirement:\s*(.+)\s*$")
_RENAME = js(r"\s*[-*+]?\s*(FROM|TO):\s*`?###\s*Requirement:\s*(.+)\s*$")

#: Anything at a line's start that looks like a delta section, as archiving decides whether to validate.
DELTA_HEADER_ANYWHERE = js(
    r"(?:\A|(?<=[\n\r\u2028\u2029]))##\s+(?:ADDED|MODIFIED|REMOVED|RENAMED)\s+Requirements", re.A | re.I
)

SECTION_TITLES = {f"{op.lower()} requirements": op for op in Operation}


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One `##` section. `line` is its header's, `end` is exclusive; both count from 0."""

    title: str
    operation: Operation | None
    line: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """A name under REMOVED; `line` counts from 0."""

    name: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Rename:
    """A FROM line with its TO line; both lines count from 0."""

    source: str
    target: str
    line: int
    target_line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnpairedRename:
    """A `FROM:` without its `TO:`, or the other way round; `side` is what is there."""

    side: str
    name: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphan:
    """A requirement header outside every delta section; `section` is the `##` title above it, if any."""

    name: str
    section: str | None
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedHeader:
    """A `###` header in ADDED or MODIFIED that is not a requirement's; `section` as its author spelled it."""

    header: str
    section: str
    line: int


# Compared by identity, as the document it was read from.
@dataclass(frozen=True, kw_only=True, eq=False)
class Delta:
    """One delta file under one reading of its fences (`mask`). `id` is the capability, `/`-joined."""

    id: str
    document: Document
    mask: Sequence[bool]

    @property
    def lines(self) -> list[str]:
        return self.document.lines

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Every `##` section in document order; a repeated title stands once for each time it occurs."""
        starts = [
            (index, trim(match[2]))
            for index in self.document.hash_lines
            if self.lines[index][:3] != "###" and not self.mask[index] and (match := _SECTION.match(self.lines[index]))
        ]
        ends = [*(index for index, _ in starts), len(self.lines)][1:]
        return tuple(
            Section(title=title, operation=SECTION_TITLES.get(title.lower()), line=index, end=end)
            for (index, title), end in zip(starts, ends, strict=True)
        )

    def _sections(self, operation: Operation) -> list[Section]:
        return [s for s in self.sections if s.operation is operation]

    @cached_property
    def operations_present(self) -> tuple[Operation, ...]:
        """The delta sections that are there, empty or not, in the order ADDED, MODIFIED, REMOVED, RENAMED."""
        present = {s.operation for s in self.sections}
        return tuple(op for op in Operation if op in present)

    def _blocks(self, operation: Operation) -> tuple[Requirement, ...]:
        return tuple(
            block
            for section in self._sections(operation)
            for block in read_blocks(self.lines, self.mask, section.line + 1, section.end, self.document.hash_lines)[0]
        )

    @cached_property
    def added(self) -> tuple[Requirement, ...]:
        return self._blocks(Operation.ADDED)

    @cached_property
    def modified(self) -> tuple[Requirement, ...]:
        return self._blocks(Operation.MODIFIED)

    @cached_property
    def removed(self) -> tuple[Removal, ...]:
        """Names under REMOVED, written as headers or as bullets that carry one."""
        found: list[Removal] = []
        for section in self._sections(Operation.REMOVED):
            for index in self._visible(section):
                line = self.lines[index]
                if "###" not in line:
                    continue
                if header := REQUIREMENT_HEADER.match(line):
                    found.append(Removal(name=requirement_name(header[1]), line=index))
                elif bullet := _REMOVED_BULLET.match(line):
                    found.append(Removal(name=_quoted_name(bullet[1]), line=index))
        return tuple(found)

    @cached_property
    def _rename_lines(self) -> tuple[tuple[Rename, ...], tuple[UnpairedRename, ...]]:
        pairs: list[Rename] = []
        unpaired: list[UnpairedRename] = []
        for section in self._sections(Operation.RENAMED):
            pending: tuple[str, int] | None = None
            for index in self._visible(section):
                line = self.lines[index]
                if "###" not in line or not (match := _RENAME.match(line)):
                    continue
                name = _quoted_name(match[2])
                if match[1] == "FROM":
                    if pending:
                        unpaired.append(UnpairedRename(side="FROM", name=pending[0], line=pending[1]))
                    pending = (name, index)
                elif pending is None:
                    unpaired.append(UnpairedRename(side="TO", name=name, line=index))
                else:
                    pairs.append(Rename(source=pending[0], target=name, line=pending[1], target_line=index))
                    pending = None
            if pending:
                unpaired.append(UnpairedRename(side="FROM", name=pending[0], line=pending[1]))
        return tuple(pairs), tuple(sorted(unpaired, key=lambda u: u.line))

    @property
    def renamed(self) -> tuple[Rename, ...]:
        return self._rename_lines[0]

    @property
    def unpaired_renames(self) -> tuple[UnpairedRename, ...]:
        return self._rename_lines[1]

    @cached_property
    def orphans(self) -> tuple[Orphan, ...]:
        found: list[Orphan] = []
        above = (Section(title="", operation=None, line=-1, end=self._first_section_line),)
        for section in above + self.sections:
            if section.operation is not None:
                continue
            for index in self._visible_headers(section):
                line = self.lines[index]
                if line[:3] == "###" and (match := REQUIREMENT_HEADER.match(line)):
                    found.append(
                        Orphan(
                            name=requirement_name(match[1]),
                            section=section.title if section.line >= 0 else None,
                            line=index,
                        )
                    )
        return tuple(found)

    @cached_property
    def skipped_headers(self) -> tuple[SkippedHeader, ...]:
        found: list[SkippedHeader] = []
        spelled: dict[Operation, str] = {}
        for section in self.sections:
            if section.operation not in (Operation.ADDED, Operation.MODIFIED):
                continue
            title = spelled.setdefault(section.operation, section.title)
            for index in self._visible_headers(section):
                line = self.lines[index]
                if line[:4] != "####" and (match := _THIRD_LEVEL.match(line)) and not REQUIREMENT_HEADER.match(line):
                    found.append(SkippedHeader(header=trim(match[1]), section=title, line=index))
        return tuple(sorted(found, key=lambda s: s.line))

    @property
    def is_empty(self) -> bool:
        """Whether no operation at all was read from it."""
        return not (self.added or self.modified or self.removed or self.renamed)

    @property
    def count(self) -> int:
        return len(self.added) + len(self.modified) + len(self.removed) + len(self.renamed)

    @property
    def _first_section_line(self) -> int:
        return self.sections[0].line if self.sections else len(self.lines)

    def _visible(self, section: Section) -> Iterator[int]:
        return (i for i in range(section.line + 1, section.end) if not self.mask[i])

    def _visible_headers(self, section: Section) -> list[int]:
        """Those of the visible lines that begin with `#`."""
        found = self.document.hash_lines
        return [
            i for i in found[bisect_right(found, section.line) : bisect_left(found, section.end)] if not self.mask[i]
        ]


def _quoted_name(text: str) -> str:
    """A name that may end in the backtick of an inline code span."""
    bare = trim_end(text)
    return requirement_name(bare[:-1] if len(bare) > 1 and bare[-1] == "`" else bare)


_ID_LIKE = re.compile(r"requirement:?", re.A | re.I)


def is_nameless(header: str) -> bool:
    """Whether a skipped header is a requirement header whose name was forgotten."""
    return _ID_LIKE.fullmatch(header) is not None


def read_delta(id: str, document: Document, mask: Sequence[bool] | None = None) -> Delta:
    """Read a delta; by default with OpenSpec's own reading of fences."""
    return _read(id, document) if mask is None else Delta(id=id, document=document, mask=mask)


# As with specs, checks and policy read the same delta one after the other.
@lru_cache(maxsize=16)
def _read(id: str, document: Document) -> Delta:
    return Delta(id=id, document=document, mask=document.openspec_mask)
