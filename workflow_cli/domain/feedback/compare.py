"""Whether a metric got better or worse since the window before, or whether that cannot be told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from workflow_cli.domain.feedback.measured import Measured
from workflow_cli.domain.feedback.metrics import Metric
from workflow_cli.domain.feedback.seen import Seen
from workflow_cli.domain.improvement.intervals import Interval

#: `same` where the change is known to be small; `unknown` where the data would bear either, or a change is neither good nor bad.
Trend = Literal["better", "worse", "same", "unknown"]
#: Of intervals that are shown.
LEVEL = 0.95
#: Of those that a change is claimed by: two dozen metrics are looked at each time.
CLAIM_LEVEL = 0.998
#: A change by less is none, however sure.
LEAST_RATIO, LEAST_POINTS = 1.05, 0.01
#: What is as good as unchanged: the whole interval of the change has to lie within, as not to see one proves nothing.
ALIKE_RATIO, ALIKE_POINTS = 1.2, 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """A metric now and in the window before. `change` is the difference of shares with its interval, else the ratio."""

    metric: Metric
    now: Measured
    before: Measured | None
    trend: Trend
    change: float | None = None
    change_low: float = -math.inf
    change_high: float = math.inf

    @property
    def is_comparable(self) -> bool:
        """Whether there is enough in both windows for a change to be seen, were there one."""
        return self.change is not None and self.now.enough and self.before is not None and self.before.enough


def compared(metric: Metric, now: Seen, before: Seen | None) -> Compared:
    measured = metric.of(now, LEVEL)
    earlier = metric.of(before, LEVEL) if before is not None else None
    if (
        earlier is None
        or before is None
        or measured.value is None
        or earlier.value is None
        or metric.unit == "count"
        or (metric.unit == "ms" and not earlier.value)  # nothing is so many times nothing
    ):
        return Compared(metric=metric, now=measured, before=earlier, trend="unknown")
    of = _difference if metric.unit == "share" else _ratio
    change, shown = of(measured, earlier)
    trend: Trend = "unknown"
    if measured.enough and earlier.enough:
        _, sure = of(metric.of(now, CLAIM_LEVEL), metric.of(before, CLAIM_LEVEL))
        trend = _trend(metric, change, shown, sure)
    return Compared(
        metric=metric,
        now=measured,
        before=earlier,
        trend=trend,
        change=change,
        change_low=shown.low,
        change_high=shown.high,
    )


def _trend(metric: Metric, change: float, shown: Interval, sure: Interval) -> Trend:
    """`shown` is the interval of the change at LEVEL, `sure` that at CLAIM_LEVEL."""
    if metric.better is None:
        return "unknown"
    if metric.unit == "share":
        nothing, small, alike = 0.0, abs(change) < LEAST_POINTS, Interval(-ALIKE_POINTS, ALIKE_POINTS)
    else:
        nothing, small, alike = 1.0, 1 / LEAST_RATIO < change < LEAST_RATIO, Interval(1 / ALIKE_RATIO, ALIKE_RATIO)
    if nothing not in sure and not small:
        return "better" if (change > nothing) == (metric.better == "high") else "worse"
    return "same" if shown.low in alike and shown.high in alike else "unknown"


def _difference(now: Measured, before: Measured) -> tuple[float, Interval]:
    """Of two shares; the interval by Newcombe's method 10, from those of both."""
    assert now.value is not None
    assert before.value is not None
    change = now.value - before.value
    low = change - math.hypot(now.value - now.low, before.high - before.value)
    high = change + math.hypot(now.high - now.value, before.value - before.low)
    return change, Interval(low, high)


def _ratio(now: Measured, before: Measured) -> tuple[float, Interval]:
    """Of two durations. The ends are those of both intervals, which is wider than it had to be."""
    assert now.value is not None
    assert before.value
    low = max(0.0, now.low) / before.high if math.isfinite(before.high) else 0.0
    high = now.high / before.low if before.low > 0 else math.inf
    return now.value / before.value, Interval(low, high)
