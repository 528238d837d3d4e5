"""A source leaves only while its quote is in the file, at the line it names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.standing import moved, standing

TEXT = "# Auth\n\n### Requirement: Login\nThe system SHALL lock an account\nafter five attempts.\n\nMore text here.\n"
LOCK = Source(path="a.md", line=4, address="a.md#Requirement: Login", quote="SHALL lock an account after five attempts")


def test_a_quote_at_its_line_stands_and_is_given_as_the_file_has_it() -> None:
    assert standing(LOCK, TEXT) == replace(LOCK, quote="SHALL lock an account\nafter five attempts")


@pytest.mark.parametrize("line", [0, -1, 1, 3, 5, 8, 9, 10_000])
def test_at_another_line_it_does_not_stand(line: int) -> None:
    """Neither before, where the search would reach it, nor behind, nor beyond the file."""
    assert standing(replace(LOCK, line=line), TEXT) is None


@pytest.mark.parametrize("quote", ["", "  ", "SHALL unlock an account", "shall lock an account", "lock an", '"..."'])
def test_other_words_do_not_stand(quote: str) -> None:
    """Nor does a quote too short to prove anything."""
    assert standing(replace(LOCK, quote=quote), TEXT) is None


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_lines_end_as_in_documents(end: str) -> None:
    found = standing(LOCK, TEXT.replace("\n", end))
    assert found is not None
    assert found.quote == f"SHALL lock an account{end}after five attempts"


def test_what_moved_is_found_where_it_is_now() -> None:
    found = moved(LOCK, "one line more\nand another\n" + TEXT)
    assert found is not None
    assert found.line == 6


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_moved_lines_are_counted_as_in_documents(end: str) -> None:
    found = moved(LOCK, ("one line more\nand another\n" + TEXT).replace("\n", end))
    assert found is not None
    assert found.line == 6


def test_what_is_in_several_places_is_in_none() -> None:
    """Nobody can tell which of them the answer meant."""
    assert moved(replace(LOCK, line=1), TEXT + TEXT) is None
    assert moved(LOCK, "nothing of it") is None


@given(
    before=st.lists(st.text("ab \r\n", max_size=8), max_size=5), quote=st.text("abcdefgh ", min_size=12, max_size=60)
)
def test_what_stands_is_in_the_text(before: list[str], quote: str) -> None:
    text = "".join(before) + "\n" + quote + "\nend"
    for line in range(1, len(before) + 8):
        found = standing(Source(path="a", line=line, address="a", quote=quote), text)
        if found is not None:
            assert found.quote in text
            assert "".join(found.quote.split()) == "".join(quote.split())
