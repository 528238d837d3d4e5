"""Weak modals are told where nothing else in the sentence binds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The server should end the session.", "should"),
    ("It SHALL run. The address might be stored in the index.", "might"),
    ("The page shows the list, and the system can send it.", "can"),
]
LEFT_ALONE = [
    "The server SHALL end the session.",
    "The server SHALL tell people that they should leave.",
    "The server SHOULD end the session, by RFC 2119.",
    "If the file should be missing, the server SHALL say so.",
    "The server SHALL print `you should leave` at the end.",
    'The server SHALL print "you should leave" at the end.',
    "系统应当 should 保存文件。",
    "The server MAY keep a copy.",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("weak-modal", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("weak-modal", statement) == []
