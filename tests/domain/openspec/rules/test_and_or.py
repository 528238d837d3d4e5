"""The slash between and and or."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[[str, str], list[str]]

REPORTED = [
    ("The monitor SHALL send mail and/or a text message.", "and/or"),
    ("The monitor SHALL send mail and / or a message.", "and / or"),
]
LEFT_ALONE = [
    "The monitor SHALL send mail and a text message.",
    "The flag SHALL be `and/or`.",
    "The page SHALL link to https://example.org/and/or/both for help.",
    "监控 SHALL 发送邮件 and/or 短信给所有的负责人员。",
]


@pytest.mark.parametrize(("statement", "word"), REPORTED)
def test_the_finding_points_at_the_word(statement: str, word: str, words_in_statement: Reported) -> None:
    """Line and column are those of the word itself, and it is told once."""
    (pointed,) = words_in_statement("and-or", statement)
    assert pointed.startswith(word)


@pytest.mark.parametrize("statement", LEFT_ALONE)
def test_it_is_left_alone(statement: str, words_in_statement: Reported) -> None:
    """Code, quotations, other languages and the word's other meanings are no business of this rule."""
    assert words_in_statement("and-or", statement) == []
