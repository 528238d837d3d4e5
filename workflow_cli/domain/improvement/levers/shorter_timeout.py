"""Time-outs that are longer than what is waited for ever takes: cut where waiting is no longer worth it."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.attempt_trace import cut_at, differences
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.intervals import quantile
from workflow_cli.domain.improvement.knobs import MODEL_TIMEOUT, TOOL_TIMEOUT, allowed
from workflow_cli.domain.improvement.lever import Proposals, Traced, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_FAMILIES = {MODEL_TIMEOUT: "model", TOOL_TIMEOUT: "mcp"}
_LEAST_LATE = 5
_LEAST_OK = 20
#: Time-outs are tried at the 90th, 95th and 99th percentile of what succeeded, with half as much again.
_QUANTILES = (0.9, 0.95, 0.99)
_ROOM = 1.5


class ShorterTimeout:
    id = "shorter-timeout"
    signal = "attempts that were waited for in vain, and how long those that succeed take"
    design = Design.TRACE
    symptom = True
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        found: list[Candidate | Deferred] = []
        for name, family in _FAMILIES.items():
            if name in settings:
                found += self._of(name, family, seen, settings)
        return found

    def _of(self, name: str, family: str, seen: Summary, settings: Settings) -> Proposals:
        late, times = seen.waits(family)
        if len(late) < _LEAST_LATE:
            return [Deferred(lever=self.id, scope=name, reason=f"insufficient_timeouts: {len(late)}/{_LEAST_LATE}")]
        if len(times) < _LEAST_OK:
            return [Deferred(lever=self.id, scope=name, reason=f"insufficient_answered: {len(times)}/{_LEAST_OK}")]
        times.sort()
        limits = sorted({max(1.0, round(quantile(times, q) * _ROOM / 1000, 1)) for q in _QUANTILES})
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={name: limit},
                design=self.design,
                hypothesis=f"{len(late)} attempts were waited for in vain for {settings[name]} s; of those that succeed nearly "
                f"all do within {limit} s",
                evidence=evidence(late),
            )
            for limit in limits
            if limit < 0.8 * settings[name] and allowed(settings, {name: limit}) is None
        ] or [Deferred(lever=self.id, scope=name, reason="no_headroom")]

    def trace(self, seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
        ((name, limit),) = changes.items()
        return differences(seen, cut_at(_FAMILIES[name], 1000.0 * limit))
