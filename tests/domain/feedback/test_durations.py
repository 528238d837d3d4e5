"""Durations in buckets: quantiles and intervals are those of the values, to one per cent."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.feedback.durations import Durations, bucket_of
from workflow_cli.domain.improvement.intervals import quantile, quantile_interval

VALUES = st.lists(st.floats(0.01, 1e7), min_size=1, max_size=200)
HALF_A_BUCKET = 0.0101


def of(values: list[float]) -> Durations:
    counts: dict[int, int] = {}
    for value in values:
        counts[bucket_of(value)] = counts.get(bucket_of(value), 0) + 1
    return Durations(counts)


@given(VALUES, st.sampled_from([0.5, 0.95, 0.99]))
def test_quantiles_and_their_intervals(values: list[float], q: float) -> None:
    durations = of(values)
    assert durations.quantile(q) == pytest.approx(quantile(sorted(values), q), rel=HALF_A_BUCKET)
    expected = quantile_interval(sorted(values), q)
    found = durations.interval(q)
    for mine, theirs in ((found.low, expected.low), (found.high, expected.high)):
        assert mine == theirs if math.isinf(theirs) else mine == pytest.approx(theirs, rel=HALF_A_BUCKET)


@given(VALUES)
def test_length_order_and_sum(values: list[float]) -> None:
    durations = of(values)
    assert len(durations) == len(values)
    assert list(durations) == sorted(durations)
    assert durations.total == pytest.approx(sum(values), rel=HALF_A_BUCKET)


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
def test_many_values_have_the_ranks_of_the_binomial_distribution(q: float) -> None:
    """Beyond two thousand they come from the normal one: a rank or two apart."""
    values = [1.03**n for n in range(60) for _ in range(100)]
    expected = quantile_interval(sorted(values), q)
    found = of(values).interval(q)
    assert found.low == pytest.approx(expected.low, rel=0.04)
    assert found.high == pytest.approx(expected.high, rel=0.04)


def test_nothing_and_no_time_at_all() -> None:
    assert Durations({}).quantile(0.5) is None
    assert of([1.0]).interval(0.95).high == math.inf
    assert bucket_of(0.0) == bucket_of(-0.0) == bucket_of(0.0005)
