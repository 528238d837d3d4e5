"""Bans."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The viewer SHALL NOT write to the file.", "SHALL NOT"),
]
LEFT_ALONE = [
    "The viewer SHALL open the file read-only.",
    "The viewer SHALL open files that are not there.",
    "The tool SHALL print `must not`.",
    "查看器 SHALL NOT 写入任何文件或者目录。",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("plain-negation", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("plain-negation", statement) == []
