"""Names as people see them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.openspec.look import look, told_apart


@pytest.mark.parametrize(
    ("name", "other", "apart"),
    [
        ("Sign in", "Sign\u200b in", " (U+200B)"),
        ("Sign in", "\u2060Sign in\u00ad", " (U+00AD, U+2060)"),
        ("Sign in", "S\u0456gn in", " (U+0456)"),
        ("Reset", "R\u0415set", " (U+0415)"),
        ("Alpha", "\u0391lpha", " (U+0391)"),
        ("Sign-in", "Sign\u2011in", " (U+2011)"),
        ("Sign in", "SIGN  in", ""),
        ("Caf\u00e9", "Cafe\u0301", ""),
    ],
)
def test_names_that_look_the_same_do(name: str, other: str, apart: str) -> None:
    """And what nobody sees is named by its number."""
    assert name != other
    assert look(name) == look(other)
    assert told_apart(name, other) == apart


@pytest.mark.parametrize(
    ("name", "other"),
    [("Sign in", "Sign on"), ("登录", "登出"), ("Вход", "Выход"), ("Retry 1", "Retry l"), ("Cafe", "Café")],
)
def test_names_that_differ_do(name: str, other: str) -> None:
    assert look(name) != look(other)


@given(st.text(), st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\ufe0f"), st.integers(0, 20))
def test_what_is_not_seen_does_not_count(name: str, unseen: str, place: int) -> None:
    """Wherever it stands in whatever name."""
    assert look(name[:place] + unseen + name[place:]) == look(name)
