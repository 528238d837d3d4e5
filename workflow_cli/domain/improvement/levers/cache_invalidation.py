"""Whether a cached answer goes when a section it cites is edited."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.cache_trace import CacheTrace
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import CACHE_INVALIDATION
from workflow_cli.domain.improvement.lever import Proposals, Traced, evidence
from workflow_cli.domain.improvement.levers.cache_ttl import trace_of_caching
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_STALE = 3


class CacheInvalidation:
    id = "cache-invalidation"
    signal = "answers out of the cache whose cited section had been edited"
    design = Design.TRACE
    symptom = True
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if settings.get(CACHE_INVALIDATION) != "ttl":
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]
        stale = seen.once(CacheTrace).stale_hits
        if len(stale) < _LEAST_STALE:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_stale_hits: {len(stale)}")]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={CACHE_INVALIDATION: "on_change"},
                design=self.design,
                hypothesis=f"{len(stale)} answers out of the cache cited a section that had been edited since",
                evidence=evidence([asked.id for asked in stale]),
            )
        ]

    def trace(self, seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
        return trace_of_caching(seen, settings, changes)
