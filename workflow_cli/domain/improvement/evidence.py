"""Evidence that may be looked at after every observation.

An e-value is what a fair bet of 1 against the null hypothesis has grown to: its expectation is at most 1 where the null
hypothesis holds, at any stopping time, so that by Ville's inequality it ever reaches 20 in at most one of 20 cases. See
Ramdas, Grünwald, Vovk, Shafer, "Game-theoretic statistics and safe anytime-valid inference" (Statistical Science, 2023),
and Waudby-Smith, Ramdas, "Estimating means of bounded random variables by betting" (JRSS B, 2024).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: The shares of the stake that are bet, each in a game of its own with an equal part of the money.
BETS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)


def sign_e_value(wins: int, losses: int) -> float:
    """Against "a discordant pair is won with probability 1/2 or less": a uniform mixture over (1/2, 1].

    The integral of 2ⁿ·2·pʷ(1-p)ˡ has a closed form in whole numbers: the sum of C(n+1, i) for i ≤ w, over (n+1)·C(n, w).
    """
    if wins < 0 or losses < 0:
        raise ValueError("counts are not negative")
    pairs = wins + losses
    term = total = 1
    for i in range(wins):
        term = term * (pairs + 1 - i) // (i + 1)
        total += term
    return _ratio(total, (pairs + 1) * math.comb(pairs, wins))


def _ratio(above: int, below: int) -> float:
    try:
        return above / below
    except OverflowError:
        return math.inf


@dataclass(frozen=True, slots=True)
class Wealth:
    """A mixture of fixed bets on differences in [-1, 1], against "their mean is not above 0".

    `logs` holds the logarithm of what each bet has grown to; folding is by `after`.
    """

    logs: tuple[float, ...] = (0.0,) * len(BETS)

    def after(self, difference: float) -> Wealth:
        """Raises ValueError for what is no difference in [-1, 1]; NaN is none."""
        if not -1 <= difference <= 1:
            raise ValueError(f"a difference lies in [-1, 1], and not at {difference}")
        return Wealth(
            tuple(log + math.log1p(bet * difference) for log, bet in zip(self.logs, BETS, strict=True)),
        )

    @property
    def e_value(self) -> float:
        return math.exp(min(self.log_e, 700.0))

    @property
    def log_e(self) -> float:
        highest = max(self.logs)
        return highest + math.log(sum(math.exp(log - highest) for log in self.logs) / len(self.logs))


def with_margin(difference: float, margin: float) -> float:
    """The difference moved by a margin in [0, 1) and scaled back into [-1, 1]."""
    return min(1.0, max(-1.0, (difference + margin) / (1 + margin)))


def latency_difference(base: float, treated: float) -> float:
    """In (-1, 1), above 0 where the treatment took less time; both in the same unit, above 0."""
    return math.tanh(math.log(base / treated))
