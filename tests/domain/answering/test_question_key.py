"""When two questions are the same one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.domain.answering.question_key import normalised, question_key, terms_hash


def key(text: str, **more: Any) -> str:
    return question_key(Asked(text=text, kind=QuestionKind.LOOKUP, **more))


@pytest.mark.parametrize(
    "text",
    ["how long is a session", "How  long\nis a session?", " How long is a session?? ", "“How long is a session”"],
)
def test_spacing_marks_and_the_first_capital_do_not_matter(text: str) -> None:
    assert key(text) == key("How long is a session?")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does -v do?", "What does -V do?"),
        ("What is x²?", "What is x2?"),
        ("How long is a session?", "How long is the session?"),
        ("Is it a.b?", "Is it ab?"),
    ],
)
def test_what_could_be_another_question_is_one(one: str, other: str) -> None:
    """A key that is too loose would give the answer to another question."""
    assert key(one) != key(other)


def test_change_and_context_belong_to_the_question_and_asker_and_urgency_do_not() -> None:
    plain = key("How long?")
    assert key("How long?", change="add-login") != plain
    assert key("How long?", context={"file": "a.py"}) != plain
    assert key("How long?", context={"priority": "0"}) == plain
    assert key("How long?", asker="ada", answerers=("specs",)) == plain
    assert key("How long?", context={"task": "a", "goal": "b"}) == key("How long?", context={"goal": "b", "task": "a"})


def test_the_same_words_in_another_order_are_asking_again() -> None:
    """What tells a repetition is looser than what the cache goes by."""
    assert terms_hash("Session: how long?") == terms_hash("how long session")
    assert terms_hash("how long session") != terms_hash("how short session")


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)
