"""Whether a tool that failed several times in a row is left alone for a while."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.attempt_trace import Breaker, differences
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import BREAKER
from workflow_cli.domain.improvement.lever import Proposals, Traced, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_FAILURES = 5


class ToolBreaker:
    id = "breaker"
    signal = "attempts at a tool that failed, one after the other"
    design = Design.TRACE
    symptom = True
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if settings.get(BREAKER) is not False:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]
        failed = [
            asked.id
            for asked in seen.requests
            if any(a.family == "mcp" and a.failure not in (None, "abstained") for a in asked.attempts)
        ]
        if len(failed) < _LEAST_FAILURES:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_failures: {len(failed)}")]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={BREAKER: True},
                design=self.design,
                hypothesis=f"{len(failed)} questions waited for a tool that failed; after two failures it is better left alone",
                evidence=evidence(failed),
            )
        ]

    def trace(self, seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
        return differences(seen, Breaker("mcp"))
