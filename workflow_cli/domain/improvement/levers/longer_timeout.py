"""Time-outs that cut off answers which would have come: longer, as far as the times that were seen suggest."""

from __future__ import annotations

import math
from statistics import NormalDist

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.intervals import quantile
from workflow_cli.domain.improvement.knobs import MODEL_TIMEOUT, TOOL_TIMEOUT, allowed, knob
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_FAMILIES = {MODEL_TIMEOUT: "model", TOOL_TIMEOUT: "mcp"}
_LEAST_CALLS = 20
_LEAST_OK = 5
_TOO_MANY = 0.1


class LongerTimeout:
    id = "longer-timeout"
    signal = "the share of attempts that are cut off, and how long the others take"
    design = Design.INTERLEAVED
    symptom = True
    urgent = True

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        found: list[Candidate | Deferred] = []
        for name, family in _FAMILIES.items():
            if name == MODEL_TIMEOUT and no_model(settings):
                found.append(Deferred(lever=self.id, scope=name, reason="no_model"))
            elif name in settings:
                found += self._of(name, family, seen, settings)
        return found

    def _of(self, name: str, family: str, seen: Summary, settings: Settings) -> Proposals:
        cut, times = seen.waits(family)
        calls = len(cut) + len(times)
        if calls < _LEAST_CALLS or len(times) < _LEAST_OK:
            return [Deferred(lever=self.id, scope=name, reason=f"insufficient_calls: {calls}/{_LEAST_CALLS}")]
        if len(cut) < _TOO_MANY * calls:
            return [Deferred(lever=self.id, scope=name, reason="no_headroom")]
        times.sort()
        now = float(settings[name])
        wanted = _where_most_end(times, len(cut) / calls, 1000.0 * now) / 1000
        bounds = knob(name)
        factor = getattr(bounds.bounds, "factor", 1.0) if bounds else 1.0
        limits = sorted({round(min(now * factor, max(now * 1.5, wanted)), 1), round(now * factor, 1)})
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={name: limit},
                design=self.design,
                by_reference=True,
                touches=family,
                beyond_ms=1000 * now,
                hypothesis=f"{len(cut)} of {calls} attempts were cut off after {now:g} s; most of them end within {limit:g} s",
                evidence=evidence(cut),
            )
            for limit in limits
            if allowed(settings, {name: limit}) is None
        ]


def _where_most_end(times: list[float], cut: float, limit: float) -> float:
    """Milliseconds within which 97.5 % end, were the times log-normal: two of their quantiles are seen below the limit.

    The limit itself is the quantile of those that are not cut off, the median of these another.
    """
    done = 1 - cut
    z_limit, z_half = NormalDist().inv_cdf(min(0.999, done)), NormalDist().inv_cdf(done / 2)
    spread = max(0.2, math.log(limit / quantile(times, 0.5)) / max(1e-6, z_limit - z_half))
    return math.exp(math.log(limit) + spread * (NormalDist().inv_cdf(0.975) - z_limit))
