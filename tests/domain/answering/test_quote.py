"""Quotes are found literally or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.quote import LEAST_LETTERS, find_quote

TEXT = "### Requirement: Login\nThe system SHALL lock\n  an account after 5 attempts.\n\n- **THEN** nothing is said\n"


def test_a_quote_is_found_across_a_line_break_and_given_as_the_file_has_it() -> None:
    found = find_quote("SHALL lock an account after 5", TEXT)
    assert found is not None
    assert found.text == "SHALL lock\n  an account after 5"
    assert found.line == 1


@pytest.mark.parametrize(
    "quote", ['"lock an account after 5 attempts."', "…an account after 5 attempts…", "“nothing is said”"]
)
def test_marks_around_a_quote_are_not_part_of_it(quote: str) -> None:
    assert find_quote(quote, TEXT) is not None


@pytest.mark.parametrize(
    "quote", ["SHALL lock an account after 6", "shall lock an account", "5", "", "attempts SHALL lock"]
)
def test_other_words_other_case_and_too_little_are_not_found(quote: str) -> None:
    assert find_quote(quote, TEXT) is None


def test_text_without_spaces_may_be_wrapped_anywhere() -> None:
    found = find_quote("系统必须在五次失败后锁定账户", "系统必须在五次\n失败后锁定账户。")
    assert found is not None
    assert found.text == "系统必须在五次\n失败后锁定账户"


@given(st.text(), st.integers(0, 40), st.integers(0, 40))
def test_any_long_enough_piece_of_a_text_is_found_and_is_in_it(text: str, start: int, length: int) -> None:
    piece = text[start : start + length]
    found = find_quote(piece, text)
    if found is not None:
        assert found.text in text
    elif sum(character.isalnum() for character in piece) >= LEAST_LETTERS:
        # Marks around it are taken off, so a piece can only be missed where it began or ended with some.
        assert piece.strip()[0] in '"“”„«».…' or piece.strip()[-1] in '"“”„«».…'
