"""Evidence and intervals: the laws they promise, and scipy beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import accumulate
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from workflow_cli.domain.improvement.evidence import (
    BETS,
    Wealth,
    latency_difference,
    sign_e_value,
    with_margin,
)
from workflow_cli.domain.improvement.intervals import mean_interval, proportion_interval, quantile, quantile_interval

differences = st.floats(-1, 1)
counts = st.integers(0, 40)


def mean_e_value(differences: Iterable[float]) -> float:
    """Against "the mean is not above 0"."""
    wealth = Wealth()
    for difference in differences:
        wealth = wealth.after(difference)
    return wealth.e_value


@pytest.mark.parametrize(("wins", "losses"), [(7, 0), (10, 1), (12, 2), (14, 3)])
def test_the_first_counts_that_are_enough(wins: int, losses: int) -> None:
    """And one win less is not enough."""
    assert sign_e_value(wins, losses) >= 20 > sign_e_value(wins - 1, losses)


@given(counts, counts)
def test_the_closed_form_is_the_integral(wins: int, losses: int) -> None:
    value, _ = integrate.quad(lambda p: 2 * (2 * p) ** wins * (2 * (1 - p)) ** losses, 0.5, 1, limit=200)
    assert sign_e_value(wins, losses) == pytest.approx(value, rel=1e-5)


@given(st.integers(0, 30), st.integers(0, 30))
def test_a_fair_coin_keeps_the_sign_e_value_where_it_is(wins: int, losses: int) -> None:
    """E[e] = 1 at every step, whatever was seen before."""
    now = sign_e_value(wins, losses)
    assert (sign_e_value(wins + 1, losses) + sign_e_value(wins, losses + 1)) / 2 == pytest.approx(now)


@given(st.lists(differences, max_size=20), differences, differences)
def test_a_fair_game_keeps_the_wealth_where_it_is(before: list[float], low: float, high: float) -> None:
    """E[e] = 1 for any two-point distribution with mean 0, whatever was seen before."""
    low, high = min(low, -high, -0.01), max(high, 0.01)
    wealth = Wealth()
    for difference in before:
        wealth = wealth.after(difference)
    chance_of_high = -low / (high - low)
    expected = chance_of_high * wealth.after(high).e_value + (1 - chance_of_high) * wealth.after(low).e_value
    assert expected == pytest.approx(wealth.e_value, rel=1e-9)


@given(st.lists(differences, max_size=20), differences, st.floats(0, 0.9))
def test_a_loss_within_the_margin_is_the_null_hypothesis_of_a_guard(
    before: list[float], high: float, margin: float
) -> None:
    """With a mean of exactly -margin the wealth is not expected to grow."""
    high, low = max(high, -margin), -1.0
    chance_of_high = (-margin - low) / (high - low) if high > low else 1.0
    wealth = Wealth()
    for difference in before:
        wealth = wealth.after(difference)
    expected = (
        chance_of_high * wealth.after(with_margin(high, margin)).e_value
        + (1 - chance_of_high) * wealth.after(with_margin(low, margin)).e_value
    )
    assert expected == pytest.approx(wealth.e_value, rel=1e-9)


@pytest.mark.parametrize("draw", [lambda r: r.choice((-1, 1)), lambda r: r.uniform(-1, 1), lambda r: r.gauss(0, 0.2)])
def test_looking_all_the_time_finds_nothing_in_noise(draw: object) -> None:
    """Of 2,000 runs over 240 pairs with a look after each, at most 1 in 20 ever reaches 20: Ville's inequality."""
    found = 0
    for seed in range(2000):
        random, wealth = Random(seed), Wealth()
        for _ in range(240):
            wealth = wealth.after(min(1.0, max(-1.0, draw(random))))  # type: ignore[operator]
            if wealth.log_e >= math.log(20):
                found += 1
                break
    assert found <= 0.05 * 2000


def test_against_scipy_the_order_of_power_is_as_expected() -> None:
    """One look: the binomial test finds most, ours nearly as much, and neither more than it may where nothing is."""
    found = {"ours": 0, "binomial": 0, "ours in noise": 0}
    for seed in range(400):
        random = Random(seed)
        wins = sum(random.random() < 0.75 for _ in range(40))
        found["ours"] += sign_e_value(wins, 40 - wins) >= 20
        found["binomial"] += stats.binomtest(wins, 40, alternative="greater").pvalue <= 0.05
        noise = sum(random.random() < 0.5 for _ in range(40))
        found["ours in noise"] += sign_e_value(noise, 40 - noise) >= 20
    assert found["ours in noise"] <= 12
    assert 0.4 * found["binomial"] <= found["ours"] <= found["binomial"]


def test_against_scipy_a_mean_is_found_less_often_than_by_one_look() -> None:
    """The price of looking at any time, against a t-test that may look once."""
    ours = theirs = 0
    for seed in range(300):
        random = Random(seed)
        values = [min(1.0, max(-1.0, random.gauss(0.15, 0.35))) for _ in range(80)]
        ours += mean_e_value(values) >= 20
        theirs += stats.ttest_1samp(values, 0, alternative="greater").pvalue <= 0.05
    assert 0.6 * theirs <= ours <= theirs


def test_harm_is_the_same_game_on_the_other_side() -> None:
    assert mean_e_value([-0.5] * 20) < 1 < mean_e_value([0.5] * 20)


@given(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6))
def test_times_become_bounded_differences(base: float, treated: float) -> None:
    """Antisymmetric, and positive where the treatment was faster."""
    forward = latency_difference(base, treated)
    assert -1 <= forward <= 1
    assert forward == pytest.approx(-latency_difference(treated, base))
    assert (forward > 0) == (treated < base) or math.isclose(treated, base, rel_tol=1e-9)


@pytest.mark.parametrize("wrong", [1.01, -2.0, math.nan, math.inf])
def test_what_is_no_difference_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="difference"):
        Wealth().after(wrong)


@given(st.lists(differences, min_size=1, max_size=60))
def test_each_bet_is_a_plain_product(values: list[float]) -> None:
    wealth = Wealth()
    for value in values:
        wealth = wealth.after(value)
    products = [list(accumulate((1 + bet * v for v in values), lambda a, b: a * b))[-1] for bet in BETS]
    assert wealth.e_value == pytest.approx(sum(products) / len(products))


@given(counts, counts)
def test_a_proportion_has_wilsons_interval(hits: int, misses: int) -> None:
    total = hits + misses
    interval = proportion_interval(hits, total)
    if total:
        theirs = stats.binomtest(hits, total).proportion_ci(method="wilson")
        assert (interval.low, interval.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    else:
        assert (interval.low, interval.high) == (0, 1)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.sampled_from([0.5, 0.9, 0.95]))
def test_a_quantile_lies_in_its_interval(values: list[float], q: float) -> None:
    values.sort()
    assert quantile(values, q) in values
    assert quantile(values, q) in quantile_interval(values, q)


def test_intervals_of_quantiles_hold_what_they_promise() -> None:
    covered = 0
    for seed in range(400):
        random = Random(seed)
        values = sorted(random.lognormvariate(0, 1) for _ in range(60))
        covered += 1.0 in quantile_interval(values, 0.5)
    assert covered >= 0.93 * 400


def test_the_binomial_distribution_behind_them_is_scipys() -> None:
    values = list(range(1, 101))
    low, high = stats.binom.ppf([0.025, 0.975], 100, 0.9)
    interval = quantile_interval(values, 0.9)
    assert abs(interval.low - low) <= 1
    assert abs(interval.high - (high + 1)) <= 1


@given(st.lists(differences, max_size=60))
def test_the_mean_lies_in_its_interval(values: list[float]) -> None:
    interval = mean_interval(values)
    assert -1 <= interval.low <= interval.high <= 1
    if values:
        assert interval.low <= sum(values) / len(values) + 1e-6
        assert interval.high >= sum(values) / len(values) - 1e-6


@given(st.lists(differences, max_size=60), st.sampled_from((0.0, 0.4, 0.9, 0.95)))
def test_the_ends_are_those_that_halving_finds(values: list[float], level: float) -> None:
    """To the last bit: what is decided by them must not hang on how they are sought."""

    def lower(values: list[float]) -> float:
        low, high = -1.0, 1.0
        for _ in range(24):
            middle = (low + high) / 2
            bets = [sum(math.log1p(bet * ((d - middle) / (1 + abs(middle)))) for d in values) for bet in BETS]
            highest = max(bets)
            evidence = highest + math.log(sum(math.exp(log - highest) for log in bets) / len(bets))
            low, high = (middle, high) if evidence >= math.log(2 / (1 - level)) else (low, middle)
        return low

    interval = mean_interval(values, level=level)
    assert (interval.low, interval.high) == (lower(values), -lower([-d for d in values]))


def test_intervals_of_means_hold_at_every_look() -> None:
    """All looks of a run count as one failure at most."""
    failed = 0
    for seed in range(200):
        random = Random(seed)
        values: list[float] = []
        for _ in range(8):
            values += [0.3 if random.random() < 0.6 else -0.2 for _ in range(10)]
            if 0.1 not in mean_interval(values):
                failed += 1
                break
    assert failed <= 0.05 * 200
