"""Passives that hide who acts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("Backups SHALL be encrypted.", "SHALL be encrypted"),
]
LEFT_ALONE = [
    "Backups SHALL be encrypted by the job.",
    "The job SHALL encrypt the backups.",
    "The tool SHALL print `must be encrypted`.",
    "Los datos del servidor SHALL be encrypted en el disco.",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("passive-without-actor", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("passive-without-actor", statement) == []
