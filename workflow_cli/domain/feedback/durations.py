"""Durations as counts in buckets that are two per cent wide: they can be added, and quantiles are right to one per cent."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from statistics import NormalDist
from typing import overload

from workflow_cli.domain.improvement.intervals import Interval, quantile_interval

#: Buckets a natural logarithm: each is 1/50 of one, two per cent, wide.
FINENESS = 50
#: Milliseconds below which durations are not told apart: they are nothing.
LEAST = 0.001
_NOTHING = math.floor(math.log(LEAST) * FINENESS)
#: Beyond so many values the ranks of an interval are those of the normal distribution, which then is the binomial's.
_MANY = 2000


def bucket_of(milliseconds: float) -> int:
    return math.floor(math.log(milliseconds) * FINENESS) if milliseconds > LEAST else _NOTHING


def value_of(bucket: int) -> float:
    """The middle of a bucket, in milliseconds."""
    return math.exp((bucket + 0.5) / FINENESS) if bucket > _NOTHING else 0.0


class Durations(Sequence[float]):
    """All durations of the buckets, sorted, without holding each of them."""

    def __init__(self, counts: Mapping[int, int]) -> None:
        self._buckets = sorted(counts)
        self._ends = list(accumulate(counts[bucket] for bucket in self._buckets))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, rank: int) -> float: ...
    @overload
    def __getitem__(self, rank: slice) -> list[float]: ...
    def __getitem__(self, rank: int | slice) -> float | list[float]:
        if isinstance(rank, slice):
            return [self[one] for one in range(*rank.indices(len(self)))]
        if not 0 <= rank < len(self):
            raise IndexError(rank)
        return value_of(self._buckets[bisect_left(self._ends, rank + 1)])

    def __iter__(self) -> Iterator[float]:
        return (self[rank] for rank in range(len(self)))

    @property
    def total(self) -> float:
        """The sum, to one per cent."""
        before, total = 0, 0.0
        for bucket, end in zip(self._buckets, self._ends, strict=True):
            total += (end - before) * value_of(bucket)
            before = end
        return total

    @property
    def mean_seconds(self) -> float:
        """0 where there is nothing."""
        return self.total / len(self) / 1000 if len(self) else 0.0

    def quantile(self, q: float) -> float | None:
        """By nearest rank; None where there is nothing."""
        return self[min(len(self), max(1, math.ceil(q * len(self)))) - 1] if len(self) else None

    def interval(self, q: float, *, level: float = 0.95) -> Interval:
        """Of the quantile of what these are a sample of; infinite where there are too few of them."""
        n = len(self)
        if n <= _MANY:
            return quantile_interval(self, q, level=level) if n else Interval(-math.inf, math.inf)
        half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(n * q * (1 - q))
        low, high = math.floor(n * q - half), math.ceil(n * q + half)
        return Interval(self[max(0, low - 1)], self[min(n, high + 1) - 1] if high < n else math.inf)
