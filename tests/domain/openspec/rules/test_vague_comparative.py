"""Comparisons are told where the measure and the other side are missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The page SHALL load faster.", "faster"),
    ("The client SHALL be more reliable on the phone.", "more reliable"),
]
LEFT_ALONE = [
    "The page SHALL load faster than the old page.",
    "The page SHALL load 20 % faster.",
    "The tool SHALL offer the flag `--better`.",
    "Страница SHALL грузиться faster и лучше.",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("vague-comparative", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("vague-comparative", statement) == []
