"""Where a time-out cuts off nearly every call: what waiting longer may bring, by what is known of calls that were given longer.

These are calls of a hold-back, of treatments, and of the time before the time-out was shortened. Of a limit that hardly any call was
given lately nothing is known, and a step is worth trying, by the experiment of every longer time-out. What came of it is known
then: what brought nothing is not tried again as long as the log tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.improvement.intervals import Interval, proportion_interval, quantile
from workflow_cli.domain.improvement.observation import Outcome
from workflow_cli.domain.improvement.summary import Summary
from workflow_cli.domain.improvement.utility import ABSTAINED

#: Room above nearly all that was seen to end, as where a time-out is shortened.
_ROOM = 1.5
_LEAST_GIVEN = 8
#: What share of calls ends within a limit of which nothing is known.
_UNKNOWN = Interval(0.25, 0.75)
#: What an answer is taken to be worth that nobody judged.
_WORTH = 0.7
#: Clocks differ: a call that was cut off at a limit took about so long.
_NEARLY = 0.98


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """Times are in milliseconds. `now` is the time-out in force, `cut` are the questions whose call it cut off; `given` are the
    times of calls that were given longer, and whether they were answered."""

    seen: Summary
    now: float
    cut: frozenset[str]
    given: Sequence[tuple[float, bool]]

    @classmethod
    def of(cls, seen: Summary, family: str, cut: Sequence[str], now: float) -> Outage:
        given = [
            (attempt.ms, attempt.ok)
            for asked in seen.reached
            for attempt in asked.attempts
            if attempt.family == family and attempt.ms > now / _NEARLY
            if attempt.ok or attempt.failure == "timeout"
        ]
        return cls(seen=seen, now=now, cut=frozenset(cut), given=given)

    def limits(self, farthest: float) -> list[float]:
        """What to try: what answers took, and twice as long and so on, as far as one step may go."""
        took = self._took(farthest)
        found = [max(1.5 * self.now, _ROOM * quantile(took, 0.975)) if took else 2 * self.now]
        while found[-1] < farthest:
            found.append(2 * found[-1])
        return [limit for limit in dict.fromkeys(min(farthest, one) for one in found) if limit > self.now]

    def gain(self, limit: float) -> Interval:
        """Of utility a question whose call is cut off now, less what it costs those that wait longer in vain."""
        concerned = [asked for asked in self.seen.requests if asked.id in self.cut]
        took = self._took(limit)
        sooner = limit - quantile(took, 0.5) if took else 0.0
        worth, won, lost = self.seen.worth.utility, 0.0, 0.0
        for asked in concerned:
            good = _QUALITIES[asked.outcome]
            before, late = worth(asked.kind, good, asked.ms), asked.ms + limit - self.now
            lost += worth(asked.kind, good, late) - before
            won += worth(asked.kind, max(good, _WORTH), max(0.0, late - sooner)) - before
        share, count = self._ends_within(limit), max(1, len(concerned))
        ends = sorted((end * won + (1 - end) * lost) / count for end in (share.low, share.high))
        return Interval(*ends)

    def _took(self, limit: float) -> list[float]:
        return sorted(ms for ms, answered in self.given if answered and ms <= limit)

    def _ends_within(self, limit: float) -> Interval:
        """The share of calls that are answered within a limit."""
        told = [answered and ms <= limit for ms, answered in self.given if answered or ms >= _NEARLY * limit]
        return proportion_interval(sum(told), len(told)) if len(told) >= _LEAST_GIVEN else _UNKNOWN


_QUALITIES = {Outcome.ANSWERED: _WORTH, Outcome.ABSTAINED: ABSTAINED, Outcome.FAILED: 0.0}
