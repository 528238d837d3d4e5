"""What a cache of answers would have done with the questions of the log: exact but for answers nobody asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workflow_cli.domain.improvement.observation import Asked, Outcome
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_HIT_MS = 5.0
_ENOUGH = 8
_DAY = 86400.0
_SCALE = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Caching:
    """`ttl` in seconds; `on_change`: an entry goes when a section it cites is edited."""

    ttl: float
    on_change: bool


@dataclass(frozen=True, slots=True)
class _Answered:
    """A question that was answered, by cluster and day, and what that is worth `fresh`, out of the cache, and out of it when `stale`."""

    asked: Asked
    group: tuple[str, int]
    fresh: float
    cached: float
    stale: float


@dataclass(frozen=True)
class CacheTrace:
    """Get it by `seen.once(CacheTrace)`: what it reckons does not change, and many lives of an answer are compared with the one in force."""

    seen: Summary
    _known: dict[Caching, Sequence[tuple[float, bool]]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _fresh_ms(self) -> Mapping[str, float]:
        """The mean time of an answer that was not in the cache, by kind."""
        sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for asked in self.seen.requests:
            if not asked.cached and asked.outcome is Outcome.ANSWERED:
                sums[asked.kind][0] += asked.ms
                sums[asked.kind][1] += 1
        return {kind: total / count for kind, (total, count) in sums.items()}

    @cached_property
    def stale_hits(self) -> list[Asked]:
        """Answers out of the cache one of whose sections had been edited since they were put there.

        The log does not say when that was; it is taken to be when the same question was last answered afresh.
        """
        filled: dict[tuple[str, str], float] = {}
        found = []
        for asked in self.seen.requests:
            if not asked.cached:
                filled[asked.kind, asked.question] = asked.at
                continue
            since = filled.get((asked.kind, asked.question))
            if since is not None and self.seen.window.edited_between(asked.cites, since, asked.at):
                found.append(asked)
        return found

    @cached_property
    def stale_quality(self) -> float:
        """What a stale answer is worth: nothing, until enough of them were judged."""
        said = [v.accepted for asked in self.stale_hits if (v := self.seen.verdicts.get(asked.id))]
        return sum(said) / len(said) if len(said) >= _ENOUGH else 0.0

    @cached_property
    def _quality(self) -> Mapping[str, float]:
        return {kind: self.seen.acceptance(kind) for kind in self.seen.kinds}

    @cached_property
    def _answered(self) -> Sequence[_Answered]:
        utility = self.seen.worth.utility
        found = []
        for asked in self.seen.requests:
            if asked.outcome is not Outcome.ANSWERED:
                continue
            kind, good = asked.kind, self._quality[asked.kind]
            found.append(
                _Answered(
                    asked,
                    (asked.cluster, int(asked.at // _DAY)),
                    fresh=utility(kind, good, self._fresh_ms.get(kind, asked.ms) if asked.cached else asked.ms),
                    cached=utility(kind, good, _HIT_MS),
                    stale=utility(kind, good * self.stale_quality, _HIT_MS),
                )
            )
        return found

    def worths(self, caching: Caching) -> Sequence[tuple[float, bool]]:
        """Of each question that was answered: what that would have been worth, and whether it would have come out of the cache."""
        if caching not in self._known:
            self._known[caching] = list(self._worths(caching))
        return self._known[caching]

    def _worths(self, caching: Caching) -> Iterator[tuple[float, bool]]:
        filled: dict[tuple[str, str], Asked] = {}
        edited = self.seen.window.edited_between
        for one in self._answered:
            asked = one.asked
            entry = filled.get((asked.kind, asked.question))
            if entry is not None and asked.at - entry.at <= caching.ttl:
                changed = edited(entry.cites, entry.at, asked.at)
                if not (changed and caching.on_change):
                    yield one.stale if changed else one.cached, True
                    continue
            filled[asked.kind, asked.question] = asked
            yield one.fresh, False

    def differences(self, base: Caching, treated: Caching) -> Iterator[tuple[str, float, str]]:
        """Cluster, difference and an event of it, for each cluster and day: hits of one entry are no independent facts.

        A third of the sum, so that what comes back often weighs more, and neither gains nor losses soon reach the end. What was
        asked only once in a day or a life is no pair: no cache has anything to do with it.
        """
        groups: dict[tuple[str, int], list[float]] = defaultdict(list)
        last: dict[tuple[str, int], str] = {}
        hit: set[tuple[str, int]] = set()
        both = zip(self._answered, self.worths(base), self.worths(treated), strict=True)
        for one, (before, as_is), (after, instead) in both:
            groups[one.group].append(after - before)
            last[one.group] = one.asked.id
            if as_is or instead:
                hit.add(one.group)
        for group, values in groups.items():
            if group in hit:
                yield group[0], max(-1.0, min(1.0, sum(values) / _SCALE)), last[group]


def caching(settings: Settings, ttl: str, invalidation: str) -> Caching:
    return Caching(ttl=float(settings.get(ttl, 0)), on_change=settings.get(invalidation) == "on_change")
