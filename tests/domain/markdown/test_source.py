"""The line index: where lines are, whatever ends them."""

from __future__ import annotations

import pytest

from workflow_cli.domain.markdown.source import Source, Span, split_lines


def contents(data: bytes) -> list[str]:
    source = Source(data)
    return [source.line_text(line) for line in range(source.lines)]


def test_lines_end_at_crlf_cr_and_lf() -> None:
    """All three count, mixed in one file, and CRLF counts once."""
    assert contents(b"a\r\nb\rc\nd") == ["a", "b", "c", "d"]


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00"])
def test_nothing_else_ends_a_line(odd: str) -> None:
    """What str.splitlines would split at is text."""
    assert contents(f"a{odd}b\n".encode()) == [f"a{odd}b"]


def test_a_final_end_of_line_opens_no_further_line() -> None:
    """So an empty file has no line at all."""
    assert [Source(data).lines for data in (b"", b"a", b"a\n", b"a\n\n", b"\r\n")] == [0, 1, 1, 2, 1]


def test_a_line_span_includes_its_end_and_the_byte_order_mark_but_its_content_neither() -> None:
    """The spans of the lines join up to the file; their contents are what a reader sees."""
    source = Source(b"\xef\xbb\xbfa\r\nb")
    assert (source.line_span(0), source.line_content(0)) == (Span(0, 6), Span(3, 4))
    assert (source.line_span(1), source.line_content(1)) == (Span(6, 7), Span(6, 7))
    assert (source.bom, source.text()) == (True, "a\r\nb")


def test_columns_count_characters_from_one() -> None:
    """Not bytes, and without the byte order mark."""
    source = Source("\ufeffäb\r\nc漢d".encode())
    assert source.position(0) == source.position(3) == (1, 1)
    assert source.position(5) == (1, 2)
    assert source.position(8) == (2, 1)
    assert source.position(12) == (2, 3)


def test_the_end_of_a_file_is_on_its_last_line_unless_that_line_has_an_end() -> None:
    """Where a cursor would stand."""
    assert Source(b"ab").position(2) == (1, 3)
    assert Source(b"ab\n").position(3) == (2, 1)
    assert Source(b"").position(0) == (1, 1)


def test_offsets_and_lines_outside_the_file_are_refused() -> None:
    """Negative ones too, which Python would take from the end."""
    source = Source(b"a\n")
    for offset in (-1, 3):
        with pytest.raises(IndexError):
            source.position(offset)
    for line in (-1, 1):
        with pytest.raises(IndexError):
            source.line_span(line)


def test_undecodable_bytes_come_back_as_they_were() -> None:
    """Text of broken UTF-8 encodes to the same bytes."""
    data = b"a\xff\xe2\x82b"
    assert Source(data).text(Span(0, 5)).encode("utf-8", "surrogateescape") == data


@pytest.mark.parametrize(
    ("data", "line", "eol"),
    [
        (b"a\r\nb\n", 0, b"\r\n"),
        (b"a\r\nb\n", 1, b"\n"),
        (b"a\r\nb\n", 2, b"\n"),
        (b"a\rb", 1, b"\r"),
        (b"a", 0, b"\n"),
        (b"a", 1, b"\n"),
        (b"", 0, b"\n"),
    ],
)
def test_inserted_text_takes_the_end_of_line_of_its_neighbours(data: bytes, line: int, eol: bytes) -> None:
    """The line's own first, then the one before; a LF where the file has none."""
    assert Source(data).eol_near(line) == eol


def test_split_lines_keeps_ends() -> None:
    """Joined, the lines are the data again."""
    assert split_lines(b"a\r\nb\rc\n\nd") == [b"a\r\n", b"b\r", b"c\n", b"\n", b"d"]
    assert split_lines(b"") == []


def test_a_span_is_half_open() -> None:
    """Its end is the first byte that is not in it, and it never runs backwards."""
    span = Span(2, 5)
    assert span.len == 3
    assert (span.contains(2), span.contains(4), span.contains(5)) == (True, True, False)
    assert (span.contains(Span(3, 5)), span.contains(Span(3, 6))) == (True, False)
    with pytest.raises(ValueError, match=r"5\.\.2"):
        Span(5, 2)
