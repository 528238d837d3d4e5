"""Pronouns that open a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The editor SHALL lock the file and the folder. It SHALL be released on exit.", "It"),
]
LEFT_ALONE = [
    "The editor SHALL lock the file that it opens.",
    "This lock SHALL be released on exit.",
    "The editor SHALL say that it is locked.",
    "编辑器 SHALL 锁定文件。It SHALL 在退出时被释放和删除。",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("vague-pronoun", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("vague-pronoun", statement) == []
