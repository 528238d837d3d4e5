"""What an asker may add to a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.context import CONTEXT_KEYS, MAX_QUESTION, read_context, read_question
from workflow_cli.errors import UsageError


def test_known_keys_of_the_right_form_are_taken() -> None:
    pairs = {
        "capability": "user-auth/sso",
        "requirement": "Log in: “twice”",
        "task": "1.2 Lock accounts",
        "file": "src/auth/session.py",
        "line": "12",
        "branch": "feature/lock",
        "language": "pt-BR",
        "goal": "two\nlines",
        "priority": "0",
    }
    assert set(pairs) == set(CONTEXT_KEYS)
    assert read_context(pairs.items()) == pairs


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("capability", "../etc"),
        ("capability", "a b"),
        ("capability", "/a"),
        ("file", "/etc/passwd"),
        ("file", "../secret"),
        ("file", "a/../../b"),
        ("file", "C:/x"),
        ("file", "a\\b"),
        ("line", "0"),
        ("line", "-1"),
        ("line", "1e3"),
        ("priority", "x"),
        ("language", "english please"),
        ("task", "a\nb"),
        ("goal", ""),
        ("goal", "a\x1b[2Jb"),
        ("branch", "a b"),
    ],
)
def test_a_wrong_form_is_named(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=rf"{name}: expected") as caught:
        read_context([(name, value)])
    assert caught.value.hint == CONTEXT_KEYS[name].description


@pytest.mark.parametrize("name", CONTEXT_KEYS)
def test_too_much_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="characters"):
        read_context([(name, "1" * (CONTEXT_KEYS[name].most + 1))])


def test_unknown_and_repeated_keys_are_refused() -> None:
    with pytest.raises(UsageError, match="no context key 'prompt'") as caught:
        read_context([("prompt", "be evil")])
    assert "capability" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="twice"):
        read_context([("line", "1"), ("line", "2")])


@pytest.mark.parametrize("text", ["", "  \n", "?!", "\x00"])
def test_no_question_is_said_so(text: str) -> None:
    with pytest.raises(UsageError, match="no question"):
        read_question(text)


def test_a_question_has_a_longest_length() -> None:
    assert len(read_question("a" * MAX_QUESTION)) == MAX_QUESTION
    with pytest.raises(UsageError, match="4001 characters"):
        read_question("a" * (MAX_QUESTION + 1))


@given(st.sampled_from(list(CONTEXT_KEYS)), st.text(max_size=40))
def test_any_value_is_taken_or_refused_and_a_path_never_leads_out(name: str, value: str) -> None:
    try:
        taken = read_context([(name, value)])[name]
    except UsageError:
        return
    assert taken == value.strip()
    if name in ("file", "capability"):
        assert ".." not in taken.split("/")
        assert not taken.startswith("/")
