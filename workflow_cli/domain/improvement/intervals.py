"""Intervals for reports, without resampling.

| of | shape | valid | source |
|---|---|---|---|
| a proportion | Wilson's score interval | at one look | Wilson, JASA 1927 |
| a quantile | two order statistics, by the binomial distribution; no assumption on the shape | at one look | David, Nagaraja, "Order Statistics", 7.1 |
| a mean of values in [-1, 1] | all means that bets do not refute | at every look | Waudby-Smith, Ramdas, JRSS B 2024 |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from workflow_cli.domain.improvement.evidence import BETS

#: The ends of an interval of means are sought among so many steps of equal length between -1 and 1.
_STEPS = 1 << 24


@dataclass(frozen=True, slots=True)
class Interval:
    """Both ends belong to it."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def proportion_interval(hits: int, total: int, *, level: float = 0.95) -> Interval:
    """Of the probability of a hit; [0, 1] where nothing was seen."""
    if not 0 <= hits <= total:
        raise ValueError("hits lie between 0 and the total")
    if total == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, weight = hits / total, z * z / total
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / total + weight / (4 * total))
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == total else min(1.0, centre + half)
    return Interval(low, high)


def quantile(values: Sequence[float], q: float) -> float:
    """By nearest rank, so always an observed value. `values` are sorted and not empty."""
    return values[min(len(values), max(1, math.ceil(q * len(values)))) - 1]


def quantile_interval(values: Sequence[float], q: float, *, level: float = 0.95) -> Interval:
    """Of the q-quantile of what the sorted `values` were drawn from; infinite where there are too few of them."""
    tail = (1 - level) / 2
    below = _binomial_cdf(len(values), q)
    # P(count of values at or below the quantile < r) <= tail makes the r-th value a lower end, and likewise above.
    low = max((rank for rank in range(1, len(values) + 1) if below[rank - 1] <= tail), default=0)
    high = min((rank for rank in range(1, len(values) + 1) if 1 - below[rank - 1] <= tail), default=0)
    return Interval(values[low - 1] if low else -math.inf, values[high - 1] if high else math.inf)


def _binomial_cdf(n: int, p: float) -> list[float]:
    """P(X ≤ k) for k = 0 … n; by logarithms, so that thousands of values do no harm."""
    if not 0 < p < 1:
        raise ValueError("a quantile lies between 0 and 1")
    total, cdf = 0.0, []
    for k in range(n + 1):
        log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        total += math.exp(log + k * math.log(p) + (n - k) * math.log1p(-p))
        cdf.append(min(1.0, total))
    return cdf


def mean_interval(differences: Sequence[float], *, level: float = 0.95) -> Interval:
    """Of the mean of values in [-1, 1], at any stopping time: half of the error is bet on each side."""
    need = math.log(2 / (1 - level))
    return Interval(_lower(differences, need), -_lower([-d for d in differences], need))


def _lower(differences: Sequence[float], need: float) -> float:
    """The greatest m of the steps for which "the mean is at most m" is refuted, else -1; the evidence falls as m rises.

    By false position, where a straight line between both ends crosses: that takes half of the looks that halving does. An end
    that stays twice counts half as much the next time, or the other would creep (the Illinois rule).
    """

    def excess(step: int) -> float:
        return _log_e_above(differences, 2 * step / _STEPS - 1) - need

    low, high = 0, _STEPS
    above, below = excess(low), excess(high)
    if not above >= 0:
        return -1.0
    rose: bool | None = None
    while high - low > 1:
        crossing = low + int((high - low) * above / (above - below))
        step = min(max(crossing, low + 1), high - 1)
        found = excess(step)
        if found >= 0:
            low, above = step, found
            below /= 2 if rose is True else 1
        else:
            high, below = step, found
            above /= 2 if rose is False else 1
        rose = found >= 0
    return 2 * low / _STEPS - 1


def _log_e_above(differences: Sequence[float], m: float) -> float:
    scale = 1 + abs(m)
    moved = [(d - m) / scale for d in differences]
    logs = [sum(map(math.log1p, [bet * d for d in moved])) for bet in BETS]
    highest = max(logs)
    return highest + math.log(sum(math.exp(log - highest) for log in logs) / len(logs))
