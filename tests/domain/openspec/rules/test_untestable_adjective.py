"""Words of praise are told where the sentence does not go on to say what is meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The form SHALL be user-friendly.", "user-friendly"),
    ("The importer SHALL be robust.", "robust"),
    ("The page SHALL show a clear message.", "clear"),
    ("The job SHALL end gracefully.", "gracefully"),
]
LEFT_ALONE = [
    "The page SHALL show a clear message that names the file.",
    "The command SHALL fail fast.",
    "The button SHALL clear the field.",
    "The guide SHALL have a quick start.",
    "The job SHALL NOT be fast.",
    "The optional fields SHALL be clearly marked as optional.",
    "The cache SHALL hold ten rows for quick access.",
    "The tool SHALL print `robust` in the list.",
    "导入器 SHALL 是 robust 的，并且处理所有文件。",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("untestable-adjective", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("untestable-adjective", statement) == []
