"""A second SHALL in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The server SHALL store the address of a new person and SHALL send a message.", "and SHALL send"),
    ("The server MUST store the address of the person,\nand MUST send a message.", "and MUST"),
]
LEFT_ALONE = [
    "The server SHALL store the address. It SHALL send a message.",
    "The server SHALL store the address and SHALL NOT send a message.",
    "The server SHALL store and send the address.",
    "- The server SHALL store the address\n- and the client SHALL send it",
    "The tool SHALL print `SHALL store and SHALL send it` on demand.",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("compound-requirement", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("compound-requirement", statement) == []
