"""What an experiment is expected to measure."""

from __future__ import annotations

from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.expectation import LEVEL, expectation

DIFFERENCES = st.lists(st.floats(-1, 1), min_size=2, max_size=60)


@given(DIFFERENCES, st.integers(1, 400))
def test_it_lies_within_what_a_difference_may_be(differences: list[float], pairs: int) -> None:
    found = expectation(differences, pairs=pairs)
    assert -1 <= found.low <= found.high <= 1


@given(DIFFERENCES, st.integers(2, 400))
def test_more_pairs_make_it_no_wider(differences: list[float], pairs: int) -> None:
    few, many = expectation(differences, pairs=pairs // 2), expectation(differences, pairs=pairs)
    assert many.high - many.low <= few.high - few.low + 1e-12


@pytest.mark.parametrize("differences", [[], [0.5]])
def test_next_to_nothing_says_nothing(differences: list[float]) -> None:
    found = expectation(differences, pairs=20)
    assert (found.low, found.high) == (-1.0, 1.0)


def test_the_best_of_several_is_expected_to_do_less_well() -> None:
    """Of ten candidates that are worth nothing, the one that looked best measures what was expected as often as it is said to."""
    random = Random(7)

    def sample(size: int) -> list[float]:
        return [random.choice((-0.5, 0.0, 0.5)) for _ in range(size)]

    within = sum(
        fmean(sample(60)) in expectation(max((sample(60) for _ in range(10)), key=fmean), pairs=60) for _ in range(300)
    )
    assert within / 300 >= LEVEL
