"""Superlatives are told where no order is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The search SHALL give the best results.", "best"),
    ("The service SHALL answer as quickly as possible.", "as quickly as possible"),
    ("The editor SHALL take the most intuitive path.", "most intuitive"),
]
LEFT_ALONE = [
    "The search SHALL give the results with the best score.",
    "The server SHALL try at most three times.",
    "The list SHALL show the latest ten files.",
    "The check SHALL be best effort.",
    "The tool SHALL print `best` beside the file.",
    "El servidor SHALL dar la best respuesta de los datos.",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("superlative", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("superlative", statement) == []
