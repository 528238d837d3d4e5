"""A breaker before each answerer: one that keeps failing is left alone for a while, then tried with one question.

Pure: the state is a value, the time is handed in (seconds of the day's clock, because processes share the state).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from workflow_cli.domain.answering.failure import FailureKind

#: What says something about the server, and not about the question.
_OF_THE_SERVER = frozenset(
    {
        FailureKind.UNREACHABLE,
        FailureKind.OVERLOADED,
        FailureKind.LOADING,
        FailureKind.TIMEOUT,
        FailureKind.BAD_REPLY,
        FailureKind.UNAUTHORIZED,
        FailureKind.NO_MODEL,
    }
)
#: However often it failed, it is tried again after this many seconds.
LONGEST = 300.0


class Admission(StrEnum):
    """Whether a question may be asked now."""

    CLOSED = "closed"
    """All is well: ask."""
    TRIAL = "half-open"
    """The time is up: one question may find out."""
    OPEN = "open"
    """Leave it alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breaker:
    """`failures` in a row; `until` when it may be tried again, None while it is closed.

    `openings` counts how often it opened since it last answered: each time it stays open twice as long. `kind` and
    `why`, in words, are the last failure's.
    """

    failures: int = 0
    until: float | None = None
    openings: int = 0
    kind: str | None = None
    why: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerPolicy:
    """It opens after `failures` in a row, first for `seconds`."""

    failures: int = 3
    seconds: float = 15.0


def admission(state: Breaker, now: float) -> Admission:
    if state.until is None:
        return Admission.CLOSED
    # A clock that was set back must not keep it open for longer than it ever stays open.
    return Admission.TRIAL if now >= state.until or state.until - now > LONGEST * 2 else Admission.OPEN


def trial_begun(state: Breaker, now: float, *, lasts: float) -> Breaker:
    """The state for everybody else while one question finds out; it may take `lasts` seconds."""
    return replace(state, until=now + min(lasts, LONGEST))


def after_success(state: Breaker) -> Breaker:  # noqa: ARG001 - the law of every state: it closes
    return Breaker()


def after_failure(
    state: Breaker,
    kind: FailureKind,
    now: float,
    policy: BreakerPolicy,
    *,
    retry_after: float | None = None,
    why: str | None = None,
) -> Breaker:
    """A failure that is the question's own changes nothing but ends a trial: the server did answer."""
    if kind not in _OF_THE_SERVER:
        return Breaker() if state.until is not None else state
    failures = state.failures + 1
    if failures < policy.failures and state.until is None:
        return replace(state, failures=failures, kind=kind.value, why=why)
    stays = min(policy.seconds * 2**state.openings, LONGEST)
    if retry_after is not None:
        stays = min(max(stays, retry_after), LONGEST)
    openings = min(state.openings + 1, 16)
    return Breaker(failures=failures, until=now + stays, openings=openings, kind=kind.value, why=why)
