"""Escape clauses are told where nothing says what decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The client SHALL retry if possible.", "if possible"),
    ("The page SHALL list names, dates, etc.", "etc"),
    ("The server SHALL log requests,\nas\nappropriate.", "as"),
]
LEFT_ALONE = [
    "The client SHALL retry as needed to reach three answers.",
    "The client SHALL retry where applicable (GET and PUT).",
    "It SHALL be possible to retry.",
    "The tool SHALL print `if possible` in the help.",
    'The tool SHALL print "etc." after ten names.',
    "客户端 SHALL 在可能时重试 if possible 的请求操作。",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("escape-clause", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("escape-clause", statement) == []
