"""What an experiment is expected to measure, said before it does: for the calibration, and never for a decision.

A candidate was chosen because it did well on DEV, so part of that was luck: its mean is shrunk by how little is known of it.
What is measured has chance of its own, and what comes back is no fact of its own: both make the interval wider.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, pvariance

from workflow_cli.domain.improvement.intervals import Interval

#: How often what is measured is expected to be within.
LEVEL = 0.8
#: So many items say as much as one that is independent of all others: questions come back, and clusters alike.
_ALIKE = 3.0


def expectation(differences: Sequence[float], *, pairs: int, spread: float | None = None) -> Interval:
    """Of the mean of so many pairs. `spread` is the standard deviation of a pair where those on DEV do not tell."""
    if len(differences) < 2 or pairs < 1:
        return Interval(-1.0, 1.0)
    mean, variance = fmean(differences), pvariance(differences)
    known = variance * _ALIKE / len(differences)
    seen = mean * mean
    shrunk = mean * seen / (seen + known) if seen + known else 0.0
    measured = variance * _ALIKE / pairs if spread is None else spread * spread / pairs
    half = NormalDist().inv_cdf((1 + LEVEL) / 2) * math.sqrt(known + measured)
    return Interval(max(-1.0, shrunk - half), min(1.0, shrunk + half))
