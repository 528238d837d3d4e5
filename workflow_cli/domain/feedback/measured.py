"""A value with the interval it lies in: of shares, of durations, and counts, which have none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from workflow_cli.domain.feedback.durations import Durations
from workflow_cli.domain.improvement.intervals import proportion_interval

Unit = Literal["ms", "share", "count"]
#: Fewer cases say too little about a share.
ENOUGH = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A value with the interval it lies in, from `n` cases; `needed` were to be there for it to say anything.

    `value` is None where there are no cases. An end of the interval is infinite where there are too few.
    """

    value: float | None
    low: float
    high: float
    n: int
    needed: int = 1

    @property
    def enough(self) -> bool:
        return self.value is not None and self.n >= self.needed


def share(hits: int, n: int, level: float) -> Measured:
    interval = proportion_interval(hits, n, level=level)
    return Measured(value=hits / n if n else None, low=interval.low, high=interval.high, n=n, needed=ENOUGH)


def quantile(q: float, durations: Durations, level: float) -> Measured:
    interval = durations.interval(q, level=level)
    # Fewer cannot show an upper end: with all of them below the quantile, the next may be anywhere.
    needed = math.ceil(math.log((1 - 0.95) / 2) / math.log(q))
    return Measured(value=durations.quantile(q), low=interval.low, high=interval.high, n=len(durations), needed=needed)


def counted(value: int) -> Measured:
    return Measured(value=float(value), low=float(value), high=float(value), n=value, needed=0)
