"""For how long an answer is given again: from how soon questions come back, and how soon their sections are edited."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.cache_trace import CacheTrace, caching
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import CACHE_INVALIDATION, CACHE_TTL, allowed
from workflow_cli.domain.improvement.lever import Proposals, Traced, evidence
from workflow_cli.domain.improvement.setting_values import Settings, with_changes
from workflow_cli.domain.improvement.summary import Summary

GRID = (0, 60, 300, 600, 1800, 3600, 14400, 43200, 86400)
_LEAST_REPEATS = 10


class CacheTtl:
    id = "cache-ttl"
    signal = "questions asked again, and sections edited since"
    design = Design.TRACE
    symptom = True
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if CACHE_TTL not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        asked_before: set[tuple[str, str]] = set()
        repeats = []
        for asked in seen.requests:
            if (asked.kind, asked.question) in asked_before:
                repeats.append(asked.id)
            asked_before.add((asked.kind, asked.question))
        if len(repeats) < _LEAST_REPEATS:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_repeats: {len(repeats)}")]
        now = settings[CACHE_TTL]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={CACHE_TTL: ttl},
                design=self.design,
                hypothesis=f"{len(repeats)} questions came back; with a life of {ttl} s instead of {now} s more of them "
                "are answered at once, or fewer by what is no longer so",
                evidence=evidence(repeats),
            )
            for ttl in GRID
            if ttl != now and allowed(settings, {CACHE_TTL: ttl}) is None
        ]

    def trace(self, seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
        return trace_of_caching(seen, settings, changes)


def trace_of_caching(seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
    base = caching(settings, CACHE_TTL, CACHE_INVALIDATION)
    treated = caching(with_changes(settings, changes), CACHE_TTL, CACHE_INVALIDATION)
    for cluster, difference, event in seen.once(CacheTrace).differences(base, treated):
        yield Traced(cluster=cluster, difference=difference, event=event)
