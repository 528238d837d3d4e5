"""Comparing words across endings and scripts."""

from __future__ import annotations

import pytest

from workflow_cli.domain.openspec.rules.vocabulary import stem, vocabulary, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("uploads", "uploading"),
        ("validation", "validate"),
        ("removal", "removed"),
        ("types", "type"),
        ("policies", "policy"),
    ],
)
def test_forms_of_one_word_share_a_stem(one: str, other: str) -> None:
    """Requirements and tasks seldom use the same form."""
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("delete", "update"), ("login", "logout"), ("mail", "main")])
def test_different_words_keep_apart(one: str, other: str) -> None:
    """Stemming must not make all words one."""
    assert stem(one) != stem(other)


def test_identifiers_fall_into_their_words() -> None:
    """`mailQueue`, `mail-queue` and `mail_queue` are two words each."""
    assert words("mailQueue mail-queue mail_queue") == ["mail", "queue"] * 3


def test_chinese_is_compared_by_pairs_of_letters() -> None:
    """There are no spaces to go by."""
    assert words("保存文件") == ["保存", "存文", "文件"]


def test_little_words_carry_no_meaning() -> None:
    """They would make everything alike."""
    assert vocabulary("The system SHALL be updated by the owner") == {stem("updated"), stem("owner")}
