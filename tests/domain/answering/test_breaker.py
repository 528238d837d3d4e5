"""A breaker opens for what is the server's fault, tries again by one question, and closes at an answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.breaker import (
    LONGEST,
    Admission,
    Breaker,
    BreakerPolicy,
    admission,
    after_failure,
    after_success,
    trial_begun,
)
from workflow_cli.domain.answering.failure import FailureKind

POLICY = BreakerPolicy(failures=3, seconds=10)
OWN = [FailureKind.CONTEXT_OVERFLOW, FailureKind.REFUSED]


def failed(times: int, kind: FailureKind = FailureKind.UNREACHABLE) -> Breaker:
    state = Breaker()
    for _ in range(times):
        state = after_failure(state, kind, 100.0, POLICY)
    return state


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    assert admission(failed(2), 100) is Admission.CLOSED
    assert admission(failed(3), 100) is Admission.OPEN
    assert failed(3).until == 110


def test_an_answer_between_them_starts_the_count_anew() -> None:
    assert admission(after_failure(after_success(failed(2)), FailureKind.TIMEOUT, 100, POLICY), 100) is Admission.CLOSED


def test_when_the_time_is_up_one_question_finds_out() -> None:
    state = failed(3)
    assert admission(state, 110) is Admission.TRIAL
    others = trial_begun(state, 110, lasts=30)
    assert admission(others, 111) is Admission.OPEN
    assert admission(others, 140) is Admission.TRIAL, "whoever tried may have died of it"
    assert after_success(others) == Breaker()


def test_each_time_it_stays_open_twice_as_long_up_to_a_bound() -> None:
    state, now, stayed = failed(3), 110.0, []
    for _ in range(8):
        state = after_failure(trial_begun(state, now, lasts=5), FailureKind.TIMEOUT, now, POLICY)
        assert state.until is not None
        stayed.append(state.until - now)
        now = state.until
    assert stayed == [20, 40, 80, 160, 300, 300, 300, 300]


def test_what_the_server_asks_for_is_kept_to_within_the_bound() -> None:
    state = failed(2)
    assert after_failure(state, FailureKind.OVERLOADED, 100, POLICY, retry_after=60).until == 160
    assert after_failure(state, FailureKind.OVERLOADED, 100, POLICY, retry_after=9e9).until == 100 + LONGEST


@pytest.mark.parametrize("kind", OWN)
def test_what_is_the_questions_fault_does_not_count(kind: FailureKind) -> None:
    """And it ends a trial well: the server did answer."""
    assert failed(9, kind) == Breaker()
    assert after_failure(trial_begun(failed(3), 110, lasts=5), kind, 111, POLICY) == Breaker()


def test_a_clock_set_back_does_not_keep_it_open_for_ever() -> None:
    assert admission(failed(3), 110 - 86_400) is Admission.TRIAL


@given(
    st.lists(st.tuples(st.sampled_from(FailureKind), st.floats(0, 1e4), st.none() | st.floats(0, 1e12)), max_size=30)
)
def test_it_never_stays_open_longer_than_the_bound(steps: list[tuple[FailureKind, float, float | None]]) -> None:
    state, now = Breaker(), 0.0
    for kind, later, asked in steps:
        now += later
        state = after_failure(state, kind, now, POLICY, retry_after=asked)
        assert state.until is None or state.until - now <= LONGEST + 1e-6  # as near as floats come
        if state.until is not None:
            assert admission(state, state.until) is Admission.TRIAL
