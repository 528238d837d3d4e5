"""What a cache of answers would have done with the questions of the log: exact but for answers nobody asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
class _Entry:
    at: float
    cites: tuple[str, ...]


@dataclass(frozen=True)
class CacheTrace:
    seen: Summary

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

    def worths(self, caching: Caching) -> Iterator[tuple[Asked, float, bool]]:
        """Each question with what its answer would have been worth, and whether it would have come out of the cache."""
        entries: dict[tuple[str, str], _Entry] = {}
        worth, edited = self.seen.worth, self.seen.window.edited_between
        for asked in self.seen.requests:
            if asked.outcome is not Outcome.ANSWERED:
                continue
            fresh_ms = self._fresh_ms.get(asked.kind, asked.ms) if asked.cached else asked.ms
            good = self._quality[asked.kind]
            entry = entries.get((asked.kind, asked.question))
            if entry is not None and asked.at - entry.at <= caching.ttl:
                changed = edited(entry.cites, entry.at, asked.at)
                if not (changed and caching.on_change):
                    quality = good * self.stale_quality if changed else good
                    yield asked, worth.utility(asked.kind, quality, _HIT_MS), True
                    continue
            entries[asked.kind, asked.question] = _Entry(asked.at, asked.cites)
            yield asked, worth.utility(asked.kind, good, fresh_ms), False

    def differences(self, base: Caching, treated: Caching) -> Iterator[tuple[str, float, str]]:
        """Cluster, difference and an event of it, for each cluster and day: hits of one entry are no independent facts.

        A third of the sum, so that what comes back often weighs more, and neither gains nor losses soon reach the end. What was
        asked only once in a day or a life is no pair: no cache has anything to do with it.
        """
        groups: dict[tuple[str, int], list[float]] = defaultdict(list)
        last: dict[tuple[str, int], str] = {}
        hit: set[tuple[str, int]] = set()
        for (asked, before, as_is), (_, after, instead) in zip(self.worths(base), self.worths(treated), strict=True):
            group = (asked.cluster, int(asked.at // _DAY))
            groups[group].append(after - before)
            last[group] = asked.id
            if as_is or instead:
                hit.add(group)
        for group, values in groups.items():
            if group in hit:
                yield group[0], max(-1.0, min(1.0, sum(values) / _SCALE)), last[group]


def caching(settings: Settings, ttl: str, invalidation: str) -> Caching:
    return Caching(ttl=float(settings.get(ttl, 0)), on_change=settings.get(invalidation) == "on_change")
