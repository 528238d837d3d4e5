"""Time-outs that cut off answers which would have come: longer, as far as the times that were seen suggest."""

from __future__ import annotations

import math
from statistics import NormalDist

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.intervals import Interval, quantile
from workflow_cli.domain.improvement.knobs import KNOBS, MODEL_TIMEOUT, TOOL_TIMEOUT, Number, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.levers.outage import Outage
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
        if calls < _LEAST_CALLS:
            return [Deferred(lever=self.id, scope=name, reason=f"insufficient_calls: {calls}/{_LEAST_CALLS}")]
        if len(cut) < _TOO_MANY * calls:
            return [Deferred(lever=self.id, scope=name, reason="no_headroom")]
        now = float(settings[name])
        if len(times) < _LEAST_OK:
            return self._of_outage(name, family, Outage.of(seen, family, cut, 1000.0 * now), evidence(cut))
        times.sort()
        wanted = _where_most_end(times, len(cut) / calls, 1000.0 * now) / 1000
        factor = _bounds(name).factor
        limits = sorted({round(min(now * factor, max(now * 1.5, wanted)), 1), round(now * factor, 1)})
        return [
            self._candidate(name, family, now, limit, f"{len(cut)} of {calls}", evidence(cut))
            for limit in limits
            if allowed(settings, {name: limit}) is None
        ]

    def _of_outage(self, name: str, family: str, outage: Outage, cut: tuple[str, ...]) -> Proposals:
        """Nearly nothing is answered, so that times below the limit tell nothing of those above it."""
        now, bounds = outage.now / 1000, _bounds(name)
        limits = sorted(
            {round(limit / 1000, 1) for limit in outage.limits(1000 * min(bounds.most, now * bounds.factor))}
        )
        found = [
            self._candidate(
                name,
                family,
                now,
                limit,
                "nearly all",
                cut,
                None if name == MODEL_TIMEOUT else outage.gain(1000 * limit),
            )
            for limit in limits
        ]
        return found or [Deferred(lever=self.id, scope=name, reason=f"out_of_bounds: {name}")]

    def _candidate(
        self,
        name: str,
        family: str,
        now: float,
        limit: float,
        how_many: str,
        cut: tuple[str, ...],
        predicted: Interval | None = None,
    ) -> Candidate:
        """Without a prediction it is screened by asking again; what a tool would have said, none can ask."""
        return Candidate(
            lever=self.id,
            scope=ANY_KIND,
            changes={name: limit},
            design=self.design,
            by_reference=True,
            touches=family,
            beyond_ms=1000 * now,
            predicted=predicted,
            hypothesis=f"{how_many} attempts were cut off after {now:g} s; most of them end within {limit:g} s",
            evidence=cut,
        )


def _bounds(name: str) -> Number:
    found = KNOBS[name].bounds
    assert isinstance(found, Number)
    return found


def _where_most_end(times: list[float], cut: float, limit: float) -> float:
    """Milliseconds within which 97.5 % end, were the times log-normal: two of their quantiles are seen below the limit.

    The limit itself is the quantile of those that are not cut off, the median of these another.
    """
    done = 1 - cut
    z_limit, z_half = NormalDist().inv_cdf(min(0.999, done)), NormalDist().inv_cdf(done / 2)
    spread = max(0.2, math.log(limit / quantile(times, 0.5)) / max(1e-6, z_limit - z_half))
    return math.exp(math.log(limit) + spread * (NormalDist().inv_cdf(0.975) - z_limit))
