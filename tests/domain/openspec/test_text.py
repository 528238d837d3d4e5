"""Text is read by JavaScript's rules."""

from __future__ import annotations

import pytest

from workflow_cli.domain.openspec.text import decode, drop_bom, js, normalize_line_ends, one_space, trim, utf16_length


@pytest.mark.parametrize("space", ["\u00a0", "\ufeff", "\u2028", "\u2029", "\u3000", "\u1680", "\v", "\f"])
def test_white_space_of_javascript_is_trimmed(space: str) -> None:
    """NBSP, the byte-order mark, line separators and every Unicode space."""
    assert trim(f"{space}a{space}") == "a"
    assert js(r"^\s$").match(space)
    assert one_space(f"a{space} b") == "a b"


@pytest.mark.parametrize("other", ["\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u200b"])
def test_what_only_python_takes_for_white_space_stays(other: str) -> None:
    """U+001C to U+001F and U+0085 are ordinary characters."""
    assert trim(f"{other}a{other}") == f"{other}a{other}"
    assert not js(r"\s").match(other)
    assert js(r"\S").match(other)


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\n"])
def test_a_dot_stops_at_every_line_end(end: str) -> None:
    """Also at the two separators."""
    assert not js("a.b").match(f"a{end}b")
    assert js("a.b").match("a\x85b")


def test_a_dollar_is_the_very_end() -> None:
    """No newline may follow it."""
    assert js("a$").match("a")
    assert not js("a$").match("a\n")


def test_bad_bytes_become_replacement_characters() -> None:
    """Each bad sequence one, and no error; a surrogate in UTF-8 is three."""
    assert decode(b"a\xffb") == "a\ufffdb"
    assert decode(b"\xe4\xb8") == "\ufffd"
    assert decode(b"\xed\xa0\x80") == "\ufffd" * 3


def test_line_ends_and_mark() -> None:
    """CRLF and lone CR are LF; one mark is dropped, a second stays."""
    assert normalize_line_ends("a\r\nb\rc\n") == "a\nb\nc\n"
    assert drop_bom("\ufeff\ufeffa") == "\ufeffa"


def test_length_counts_utf16_units() -> None:
    """An emoji is two, a lone surrogate one."""
    assert utf16_length("a🙂\ud800") == 4
