"""A document read once, with OpenSpec's reading and CommonMark's side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from workflow_cli.domain.markdown.parse import opaque_lines
from workflow_cli.domain.openspec.fence import fence_mask, has_fence_marks
from workflow_cli.domain.openspec.finding import Place
from workflow_cli.domain.openspec.text import decode, drop_bom, normalize_line_ends


# Compared by identity, so that what was read from a document can be kept beside it.
@dataclass(frozen=True, eq=False)
class Document:
    """The bytes of one file and the line-by-line readings the rest of this package is built on.

    `file` is POSIX and relative to the root. Line numbers inside the package count from 0; `place` turns
    them into what a person sees.
    """

    file: str
    data: bytes

    @cached_property
    def raw(self) -> str:
        """The text as decoded, byte-order mark and line ends included."""
        return decode(self.data)

    @cached_property
    def text(self) -> str:
        """Without byte-order mark, with every line end as LF."""
        return normalize_line_ends(drop_bom(self.raw))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def hash_lines(self) -> list[int]:
        """Lines that begin with `#`: no other line can be a heading to OpenSpec."""
        return [index for index, line in enumerate(self.lines) if line[:1] == "#"]

    @property
    def has_bom(self) -> bool:
        return self.raw.startswith("\ufeff")

    @cached_property
    def is_utf8(self) -> bool:
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    @cached_property
    def openspec_mask(self) -> list[bool]:
        """Lines that OpenSpec takes for fenced code."""
        return fence_mask(self.lines) if self._may_hold_fences else [False] * len(self.lines)

    @cached_property
    def commonmark_mask(self) -> list[bool]:
        """Lines on which CommonMark sees no heading: fences, HTML blocks and comments, indented code, front matter."""
        if not (self._may_hold_fences or _may_hold_blocks(self.text)):
            return self.openspec_mask
        mask = [False] * len(self.lines)
        for first, end in opaque_lines(self.text):
            mask[first:end] = [True] * (min(end, len(mask)) - first)
        return mask

    @cached_property
    def _may_hold_fences(self) -> bool:
        return has_fence_marks(self.text)

    @cached_property
    def readings_agree(self) -> bool:
        """Whether both readings see the same lines as headings, and so the same blocks everywhere."""
        return self.openspec_mask == self.commonmark_mask

    def place(self, line: int | None = None) -> Place:
        return Place(file=self.file, line=None if line is None else line + 1)


# One command reads, checks and judges the same few documents, from whatever side it comes to their bytes.
@lru_cache(maxsize=8)
def shared_document(file: str, data: bytes, /) -> Document:
    """The document of these bytes: the one that was made last time, with all that was read from it since."""
    return Document(file=file, data=data)


def _may_hold_blocks(text: str) -> bool:
    """Whether the text can hold a block, no fence, that only a CommonMark parser can delimit.

    Indented code cannot hide a heading in column 0, so it is no reason to ask the parser.
    """
    return text.startswith("---") or "<" in text
