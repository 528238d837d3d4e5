"""Edits as byte spans: what they name changes, nothing else does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from workflow_cli.domain.markdown.source import Source, Span
from workflow_cli.errors import EditRefused, EditsOverlap


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """Puts `replacement` where `span` is; an empty span inserts, an empty replacement deletes."""

    span: Span
    replacement: bytes


def apply(source: Source, edits: Iterable[Edit]) -> bytes:
    """The source's bytes with all edits made; spans count in the source as it is before any of them.

    Edits may come in any order and may touch. Text inserted where a replaced span begins comes before it, and
    where it ends, after it. The byte order mark belongs to the file, not to its text: an edit whose span
    begins inside or before it begins after it instead, so it always stays and stays first.

    Raises EditsOverlap for two edits that share a byte, for one that inserts inside another, and for two that
    insert at the same place, since nothing says which comes first. Raises EditRefused for an edit that
    reaches beyond the end, or that begins or ends inside a CRLF or inside a UTF-8 character. Bytes that are
    not UTF-8 may be edited one by one.
    """
    ordered = sorted((_after_bom(source, edit) for edit in edits), key=lambda e: (e.span.start, e.span.end))
    for edit in ordered:
        _check_boundaries(source, edit)
    for left, right in pairwise(ordered):
        if left.span.end > right.span.start or left.span == right.span:
            raise EditsOverlap(str(left.span), str(right.span))
    pieces: list[bytes] = []
    end = len(source.data)
    for edit in reversed(ordered):
        pieces += (source.data[edit.span.end : end], edit.replacement)
        end = edit.span.start
    pieces.append(source.data[:end])
    return b"".join(reversed(pieces))


def _after_bom(source: Source, edit: Edit) -> Edit:
    first = source.text_start
    if edit.span.start >= first:
        return edit
    return Edit(span=Span(first, max(first, edit.span.end)), replacement=edit.replacement)


def _check_boundaries(source: Source, edit: Edit) -> None:
    size = len(source.data)
    if edit.span.end > size:
        raise EditRefused(f"the edit of bytes {edit.span} reaches beyond the end, {size}")
    for offset in (edit.span.start, edit.span.end):
        if source.data[max(offset - 1, 0) : offset + 1] == b"\r\n":
            raise EditRefused(f"the edit of bytes {edit.span} would split a CRLF at {offset}")
        if _inside_character(source.data, offset):
            raise EditRefused(f"the edit of bytes {edit.span} would split a character at {offset}")


def _inside_character(data: bytes, offset: int) -> bool:
    if offset >= len(data) or data[offset] & 0xC0 != 0x80:
        return False
    for lead in range(offset - 1, max(offset - 4, -1), -1):
        if data[lead] & 0xC0 != 0x80:
            length = _sequence_length(data[lead])
            return lead + length > offset and _is_utf8(data[lead : lead + length])
    return False


def _sequence_length(lead: int) -> int:
    return 2 if 0xC0 <= lead < 0xE0 else 3 if 0xE0 <= lead < 0xF0 else 4 if lead >= 0xF0 else 1


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
