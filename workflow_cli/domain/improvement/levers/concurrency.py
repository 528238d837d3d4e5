"""How many calls a model is given at once."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.evidence import latency_difference
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.intervals import mean_interval
from workflow_cli.domain.improvement.knobs import CONCURRENCY, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.observation import Asked, Attempt
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_PAIRS = 15
_LATE = 0.5
_BADLY = 0.3


class Concurrency:
    id = "concurrency"
    signal = "the time calls wait for their turn, and how much longer they take the more are under way"
    design = Design.SWITCHBACK
    symptom = True
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        limit = settings.get(CONCURRENCY)
        if limit is None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        if no_model(settings):
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_model")]
        calls = seen.calls("model")
        crowded = _crowded(calls, limit)
        if len(crowded) < _LEAST_PAIRS:
            return [
                Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_pairs: {len(crowded)}/{_LEAST_PAIRS}")
            ]
        found: list[Candidate | Deferred] = []
        slower = mean_interval([difference for difference, _ in crowded], level=0.9)
        # Where calls get in each other's way badly, half as many would still do.
        parts = 4 if (slower.low + slower.high) / 2 > _BADLY else 2
        fewer = {CONCURRENCY: max(1, int(limit) // parts)}
        if slower.low > 0.1 and fewer[CONCURRENCY] != limit and allowed(settings, fewer) is None:
            found.append(
                Candidate(
                    lever=self.id,
                    scope=ANY_KIND,
                    changes=fewer,
                    design=self.design,
                    touches="model",
                    hypothesis=f"calls take longer the more of up to {limit} are under way; with {fewer[CONCURRENCY]} they get "
                    "in each other's way less than they wait",
                    evidence=evidence([id for _, id in crowded]),
                    predicted=slower,
                )
            )
        waited = [(asked, a) for asked, a in calls if a.queued_ms > _LATE * a.ms]
        more = {CONCURRENCY: int(limit) * 2}
        if slower.high < 0.2 and len(waited) > 0.25 * len(calls) and allowed(settings, more) is None:
            gain = mean_interval(
                [latency_difference(a.ms, max(1.0, a.ms - a.queued_ms / 2)) for _, a in calls], level=0.9
            )
            found.append(
                Candidate(
                    lever=self.id,
                    scope=ANY_KIND,
                    changes=more,
                    design=self.design,
                    touches="model",
                    hypothesis=f"{len(waited)} of {len(calls)} calls waited longer than they ran, and calls beside each other take "
                    "no longer",
                    evidence=evidence([asked.id for asked, _ in waited]),
                    predicted=gain,
                )
            )
        return found or [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]


def _crowded(calls: Sequence[tuple[Asked, Attempt]], limit: float) -> list[tuple[float, str]]:
    """For each crowded call, how much sooner the last call of that kind ended which ran with few beside it; waiting left out."""
    running: list[float] = []
    alone: dict[str, float] = {}
    found = []
    for asked, attempt in sorted(calls, key=lambda call: call[0].began + call[1].queued_ms / 1000):
        start, ms = asked.began + attempt.queued_ms / 1000, max(1.0, attempt.ms - attempt.queued_ms)
        while running and running[0] <= start:
            heapq.heappop(running)
        beside = len(running)
        heapq.heappush(running, start + ms / 1000)
        if beside <= max(0, limit // 2 - 1):
            alone[asked.kind] = ms
        elif asked.kind in alone:
            found.append((latency_difference(ms, alone[asked.kind]), asked.id))
    return found
