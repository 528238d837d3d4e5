"""Asking again only where it is safe and there is time for it."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_cli.domain.answering.failure import FailureKind
from workflow_cli.domain.answering.retry import Again, after


def what(kind: FailureKind, **given: Any) -> Again | None:
    facts = {"before_reply": True, "retry_after": None, "attempt": 1, "attempts": 3, "passages": 8, "left": 60.0}
    return after(kind, **{**facts, **given})


@pytest.mark.parametrize("kind", [FailureKind.OVERLOADED, FailureKind.LOADING])
def test_what_passes_is_asked_again_while_nothing_had_come(kind: FailureKind) -> None:
    again = what(kind)
    assert again is not None
    assert again.passages == 8
    longer = what(kind, attempt=2)
    assert longer is not None
    assert longer.wait == 2 * again.wait
    assert what(kind, before_reply=False) is None
    assert what(kind, attempt=3) is None


def test_the_servers_wish_is_followed_within_the_time_left() -> None:
    assert what(FailureKind.OVERLOADED, retry_after=7.0) == Again(7.0, 8)
    assert what(FailureKind.OVERLOADED, retry_after=7.0, left=6.0) is None
    assert what(FailureKind.OVERLOADED, retry_after=-1.0) == Again(0.0, 8)


def test_an_overflow_asks_with_half_the_passages_also_after_a_reply_began() -> None:
    assert what(FailureKind.CONTEXT_OVERFLOW, before_reply=False) == Again(0.0, 4)
    assert what(FailureKind.CONTEXT_OVERFLOW, passages=3) == Again(0.0, 1)
    assert what(FailureKind.CONTEXT_OVERFLOW, passages=1) is None


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.UNREACHABLE,
        FailureKind.BAD_REPLY,
        FailureKind.REFUSED,
        FailureKind.TIMEOUT,
        FailureKind.UNAUTHORIZED,
        FailureKind.NO_MODEL,
    ],
)
def test_the_rest_goes_on_to_the_next_answerer(kind: FailureKind) -> None:
    assert what(kind) is None
