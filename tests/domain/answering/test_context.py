"""What may be said along with a question."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_cli.domain.answering.context import (
    KNOWN_KEYS,
    MOST_ANSWER,
    MOST_QUESTION,
    MOST_VALUE,
    checked_answer,
    checked_context,
    checked_question,
)
from workflow_cli.errors import FaultyInput


def test_plain_values_become_texts_in_the_order_of_keys() -> None:
    assert checked_context({"task": 1.2, "file": "a/b.py", "code": "x = 1\n\ty", "branch": True}) == {
        "branch": "true",
        "code": "x = 1\n\ty",
        "file": "a/b.py",
        "task": "1.2",
    }


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ({"fiel": "a"}, "did you mean 'file'"),
        ({"zzz": "a"}, "known are audience, branch"),
        ({3: "a"}, "unknown key 3"),
        ({"file": ["a"]}, "found list"),
        ({"file": None}, "found NoneType"),
        ({"file": " "}, "it is empty"),
        ({"code": "x" * (MOST_VALUE + 1)}, "4001 characters"),
        ({"code": "\x1b[2J"}, "U+001B"),
        ({"code": "\ud800"}, "U+D800"),
        ({"file": "../secret"}, "path from the root"),
        ({"file": "/etc/passwd"}, "path from the root"),
        ({"file": "C:\\x"}, "path from the root"),
        ({"file": "a\\..\\..\\x"}, "path from the root"),
        ({key: "x" * MOST_VALUE for key in list(KNOWN_KEYS)[:5] if key != "file"} | {"goal": "x" * 4_000}, "together"),
    ],
)
def test_anything_else_is_refused(context: dict[object, object], said: str) -> None:
    with pytest.raises(FaultyInput) as caught:
        checked_context(context)
    assert said in str(caught.value)


def test_every_fault_is_told() -> None:
    with pytest.raises(FaultyInput) as caught:
        checked_context({"a": 1, "file": "..", "code": {}})
    assert len(caught.value.faults) == 3


def test_a_project_may_allow_more_keys() -> None:
    assert checked_context({"ticket": 17}, more_keys=["ticket"]) == {"ticket": "17"}


_values = st.text(max_size=9) | st.integers() | st.none() | st.lists(st.text(max_size=2), max_size=2)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(KNOWN_KEYS)), _values))
def test_whatever_comes_it_is_texts_or_a_fault(context: dict[str, object]) -> None:
    checked = None
    with contextlib.suppress(FaultyInput):
        checked = checked_context(context)
    if checked is not None:
        assert checked.keys() == context.keys()
        assert all(isinstance(value, str) and value.strip() for value in checked.values())
        assert checked_context(dict(checked)) == checked
    else:
        assert any(not isinstance(value, int) for value in context.values())


def test_questions_and_answers_are_trimmed_and_bounded() -> None:
    assert (checked_question(" Why?\n"), checked_answer("\nBecause.")) == ("Why?", "Because.")
    for check, text in (
        (checked_question, " \n"),
        (checked_question, "?? …"),
        (checked_question, "x" * (MOST_QUESTION + 1)),
        (checked_question, "a\0b"),
        (checked_answer, ""),
        (checked_answer, "x" * (MOST_ANSWER + 1)),
    ):
        with pytest.raises(FaultyInput):
            check(text)
