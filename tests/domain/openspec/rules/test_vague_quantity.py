"""Vague quantities are told outside conditions and names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The editor SHALL keep several versions.", "several"),
    ("The job SHALL run periodically.", "periodically"),
    ("The page SHALL show various names.", "various"),
]
LEFT_ALONE = [
    "The editor SHALL keep 20 versions.",
    "If some files are missing, the job SHALL end.",
    "The page SHALL show how many files there are.",
    "The menu SHALL hold the entries Get Many and Send.",
    "The type SHALL be `some`.",
    "The address (usually a mail address) SHALL be stored.",
    "El editor SHALL guardar many de las versiones del archivo.",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("vague-quantity", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("vague-quantity", statement) == []
