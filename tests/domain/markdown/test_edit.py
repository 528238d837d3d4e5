"""Edits: exactly what they name changes, and what is unclear is refused."""

from __future__ import annotations

import pytest

from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.markdown.source import Source, Span
from workflow_cli.errors import EditRefused, EditsOverlap


def edit(start: int, end: int, replacement: bytes = b"") -> Edit:
    return Edit(span=Span(start, end), replacement=replacement)


def test_spans_count_in_the_text_before_any_edit() -> None:
    """So the order in which edits are given does not matter."""
    edits = [edit(4, 5, b"EEE"), edit(0, 1), edit(2, 2, b"-")]
    assert apply(Source(b"abcdef"), edits) == b"b-cdEEEf"
    assert apply(Source(b"abcdef"), reversed(edits)) == b"b-cdEEEf"


def test_edits_may_touch() -> None:
    """What is inserted at the edge of a replaced span stays outside of it."""
    edits = [edit(1, 2, b"B"), edit(2, 3, b"C"), edit(1, 1, b"<"), edit(3, 3, b">")]
    assert apply(Source(b"abcd"), edits) == b"a<BC>d"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (edit(0, 2), edit(1, 3)),
        (edit(0, 4), edit(1, 2)),
        (edit(1, 2), edit(1, 2)),
        (edit(1, 3), edit(1, 2)),
        (edit(0, 3), edit(1, 1, b"x")),
        (edit(1, 1, b"x"), edit(1, 1, b"y")),
        (edit(1, 1, b"x"), edit(1, 1, b"x")),
    ],
)
def test_overlapping_edits_are_refused_and_both_named(first: Edit, second: Edit) -> None:
    """Two insertions at one place too: nothing says which comes first."""
    with pytest.raises(EditsOverlap) as caught:
        apply(Source(b"abcd"), [first, second])
    assert {caught.value.first, caught.value.second} == {str(first.span), str(second.span)}


def test_an_edit_beyond_the_end_is_refused() -> None:
    """At the end is fine."""
    assert apply(Source(b"ab"), [edit(2, 2, b"c")]) == b"abc"
    with pytest.raises(EditRefused, match="beyond the end"):
        apply(Source(b"ab"), [edit(2, 3)])


@pytest.mark.parametrize("span", [(2, 2), (0, 2), (2, 3)])
def test_a_crlf_is_not_split(span: tuple[int, int]) -> None:
    """Half of one would be another end of line."""
    with pytest.raises(EditRefused, match="CRLF"):
        apply(Source(b"a\r\nb"), [edit(*span)])


@pytest.mark.parametrize("character", ["ä", "漢", "😀"])
def test_a_character_is_not_split(character: str) -> None:
    """Neither where an edit begins nor where it ends."""
    data = f"a{character}b".encode()
    size = len(character.encode())
    assert apply(Source(data), [edit(1, 1 + size, b"-")]) == b"a-b"
    for inside in range(2, 1 + size):
        for span in ((inside, inside), (0, inside), (inside, len(data))):
            with pytest.raises(EditRefused, match="character"):
                apply(Source(data), [edit(*span)])


@pytest.mark.parametrize("data", [b"a\x80\x80b", b"a\xe2\x82b", b"a\xc3", b"\x80\x80", b"a\xf0\x9f\x98b"])
def test_bytes_that_are_not_utf8_may_be_edited_one_by_one(data: bytes) -> None:
    """They are no characters that could be split."""
    for offset in range(len(data)):
        assert apply(Source(data), [edit(offset, offset + 1)]) == data[:offset] + data[offset + 1 :]


@pytest.mark.parametrize("start", [0, 1, 3])
def test_the_byte_order_mark_stays_and_stays_first(start: int) -> None:
    """It belongs to the file, not to its first line."""
    source = Source(b"\xef\xbb\xbf# A\ntext\n")
    assert apply(source, [edit(start, 7, b"# B\n")]) == b"\xef\xbb\xbf# B\ntext\n"
    assert apply(source, [edit(start, start, b"> ")]) == b"\xef\xbb\xbf> # A\ntext\n"
