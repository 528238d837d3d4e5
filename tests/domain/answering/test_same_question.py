"""When two questions are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.same_question import plain_question, question_key


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("How long is a session?", "how long is a session"),
        ("  how LONG\tis\n a session ??", "how long is a session"),
        ("Ｈｏｗ long is a session。", "how long is a session"),
        ("Straße?", "strasse"),
        ("会话多长？", "会话多长"),
        ("Is 1.5 enough?", "is 1.5 enough"),
        ("?", ""),
    ],
)
def test_width_case_space_and_end_marks_do_not_count(typed: str, plain: str) -> None:
    assert plain_question(typed) == plain


@given(st.text())
def test_plain_once_is_plain_for_good(text: str) -> None:
    assert plain_question(plain_question(text)) == plain_question(text)
    assert question_key(plain_question(text)) == question_key(text)


_context = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3)


@given(st.text(max_size=9), st.none() | st.text(max_size=3), _context, st.randoms())
def test_the_order_of_the_context_does_not_count(text: str, change: str | None, context: dict, random: object) -> None:
    items = list(context.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert question_key(text, change=change, context=context) == question_key(text, change=change, context=dict(items))


def test_what_is_said_along_with_it_counts() -> None:
    """Also whether a word is the change or part of the context."""
    keys = {
        question_key("a"),
        question_key("b"),
        question_key("a", change="c"),
        question_key("a", context={"c": "d"}),
        question_key("a", context={"c": "e"}),
        question_key("a", change="", context={}),
    }
    assert len(keys) == 6
