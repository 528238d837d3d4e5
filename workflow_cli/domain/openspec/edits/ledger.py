"""Edits made one after the other, as edits of the bytes that were there first."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.markdown.source import Span

_Piece = tuple[int, int] | bytes


class Ledger:
    """The document as pieces: ranges of the original, and new text between them."""

    def __init__(self, original: bytes) -> None:
        self._original = original
        self._pieces: list[_Piece] = [(0, len(original))] if original else []

    def make(self, edits: Sequence[Edit]) -> None:
        """Edits of the text as it is now; their spans do not overlap, see `markdown.edit.apply`."""
        for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end), reverse=True):
            self._make(edit)

    def _make(self, edit: Edit) -> None:
        before: list[_Piece] = []
        after: list[_Piece] = []
        position = 0
        for piece in self._pieces:
            size = _size(piece)
            before += _part(piece, 0, min(size, edit.span.start - position))
            after += _part(piece, max(0, edit.span.end - position), size)
            position += size
        self._pieces = [*before, *([edit.replacement] if edit.replacement else []), *after]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """Edits that lead from the original to the text as it is now, in order and apart from each other."""
        found: list[Edit] = []
        position = 0
        new = b""
        for piece in [*self._pieces, (len(self._original), len(self._original))]:
            if isinstance(piece, bytes):
                new += piece
                continue
            start, end = piece
            if (new or start > position) and self._original[position:start] != new:
                found.append(Edit(span=Span(position, start), replacement=new))
            position, new = end, b""
        return tuple(found)


def _size(piece: _Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else piece[1] - piece[0]


def _part(piece: _Piece, start: int, end: int) -> list[_Piece]:
    if start >= end:
        return []
    return [piece[start:end] if isinstance(piece, bytes) else (piece[0] + start, piece[0] + end)]
