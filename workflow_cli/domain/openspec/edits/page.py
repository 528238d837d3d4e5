"""A document as edits see it: bytes, lines and both readings side by side."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from workflow_cli.domain.markdown.source import Source

if TYPE_CHECKING:
    from workflow_cli.domain.markdown.edit import Edit
    from workflow_cli.domain.markdown.tree import Node
    from workflow_cli.domain.openspec.document import Document
    from workflow_cli.domain.openspec.heading import Heading


class PageKind(StrEnum):
    SPEC = "spec"
    DELTA = "delta"
    PROPOSAL = "proposal"
    DESIGN = "design"
    TASKS = "tasks"
    OTHER = "other"

    @classmethod
    def of(cls, path: str) -> PageKind:
        """What a file is by its POSIX path from the root. Archived changes count as changes."""
        parts = path.split("/")
        if parts[-1] == "spec.md" and "specs" in parts[:-1]:
            return cls.DELTA if "changes" in parts[: parts.index("specs")] else cls.SPEC
        by_name = {"proposal.md": cls.PROPOSAL, "design.md": cls.DESIGN, "tasks.md": cls.TASKS}
        return by_name.get(posixpath.basename(path), cls.OTHER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one operation comes to. Without edits the document already says it; `says` is for people."""

    edits: tuple[Edit, ...] = ()
    says: str


class Page:
    """One document before an operation. Lines count from 0 and are those of `Source`."""

    def __init__(self, data: bytes, kind: PageKind, path: str = "", main: bytes | None = None) -> None:
        self.source = Source(data)
        self.kind = kind
        self.path = path or f"{kind.value}.md"
        self.main = main
        """Of a delta, the main spec it changes, where there is one."""

    @cached_property
    def lines(self) -> list[str]:
        """Texts of the lines, without their ends and without the byte order mark."""
        return [self.source.line_text(line) for line in range(self.source.lines)]

    @cached_property
    def document(self) -> Document:
        from workflow_cli.domain.openspec.document import Document

        return Document(self.path, self.source.data)

    @cached_property
    def tree(self) -> Node:
        from workflow_cli.domain.markdown.parse import parse

        return parse(self.source)

    @cached_property
    def masks(self) -> tuple[list[bool], list[bool]]:
        """Lines that are no text to read headings from: for OpenSpec, and for CommonMark."""
        return self.document.openspec_mask, self.document.commonmark_mask

    @cached_property
    def headings(self) -> tuple[list[Heading], list[Heading]]:
        """ATX headings in column 0: as OpenSpec sees them, and as CommonMark does."""
        from workflow_cli.domain.openspec.heading import headings

        openspec, commonmark = self.masks
        lines = self.document.lines
        return list(headings(lines, openspec)), list(headings(lines, commonmark))

    def is_blank(self, line: int) -> bool:
        # OpenSpec's reading has an empty line after the last end of line.
        return line >= len(self.lines) or not self.lines[line].strip()

    def offset(self, line: int) -> int:
        """Where a line begins; `source.lines` stands for the end."""
        return self.source.lines_span(line, line).start

    def content(self, first: int, end: int) -> tuple[int, int]:
        """The lines from the first to the last that is not blank, half-open; empty at `first` if all are."""
        filled = [line for line in range(first, min(end, len(self.lines))) if not self.is_blank(line)]
        return (filled[0], filled[-1] + 1) if filled else (first, first)

    def blanks_before(self, line: int) -> int:
        """How many blank lines stand right before a line."""
        count = 0
        while line - count > 0 and self.is_blank(line - count - 1):
            count += 1
        return count
