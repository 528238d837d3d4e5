"""Two words and a slash, fixed pairs aside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The table SHALL let a person add/remove rows.", "add/remove"),
]
LEFT_ALONE = [
    "The table SHALL let a person add and remove rows.",
    "The lock SHALL be a read/write lock.",
    "The file SHALL be in src/main/app.py for all.",
    "The tool SHALL print `add/remove`.",
    "表格 SHALL 支持行的 add/remove 操作与排序。",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("slash-alternative", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("slash-alternative", statement) == []
