"""Pieces of a log are each read by one process, whoever is first."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.metrics_log.claims import Claims, nothing_claimed


@pytest.fixture
def descriptor() -> Iterator[int]:
    made = nothing_claimed(18)
    yield made
    os.close(made)


def claims(descriptor: int, process: int) -> Iterator[int]:
    return iter(Claims(descriptor, pieces=18, process=process, count=2))


def test_each_reads_its_own_pieces_one_after_the_other(descriptor: int) -> None:
    first, second = claims(descriptor, 0), claims(descriptor, 1)
    turns = [(next(first), next(second)) for _ in range(9)]
    assert turns == [(n, 9 + n) for n in range(9)]
    assert (next(first, None), next(second, None)) == (None, None)


def test_who_is_done_goes_on_with_half_of_what_another_has_left_but_not_with_the_last(descriptor: int) -> None:
    slow, quick = claims(descriptor, 0), claims(descriptor, 1)
    assert [next(slow) for _ in range(2)] == [0, 1]
    assert [next(quick) for _ in range(9)] == list(range(9, 18))
    assert [next(quick) for _ in range(4)] == [5, 6, 7, 8]
    assert next(quick) == 3  # of 2, 3 and 4
    assert next(slow) == 2
    assert next(quick) == 4
    assert (next(slow, None), next(quick, None)) == (None, None)


@given(count=st.integers(1, 5), pieces=st.integers(1, 40), turns=st.randoms(use_true_random=False))
def test_every_piece_is_claimed_once_by_whatever_order(count: int, pieces: int, turns: object) -> None:
    descriptor = nothing_claimed(pieces)
    try:
        every = [iter(Claims(descriptor, pieces=pieces, process=number, count=count)) for number in range(count)]
        claimed: list[int] = []
        while every:
            process = turns.choice(every)  # type: ignore[attr-defined]
            if (number := next(process, None)) is None:
                every.remove(process)
            else:
                claimed.append(number)
        assert sorted(claimed) == list(range(pieces))
    finally:
        os.close(descriptor)
