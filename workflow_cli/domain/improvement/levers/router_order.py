"""In which order answerers are tried for a kind of question."""

from __future__ import annotations

from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import allowed, routes
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_ASKED = 20


class RouterOrder:
    id = "router-order"
    signal = "acceptance and time by kind of question and answerer"
    design = Design.INTERLEAVED
    symptom = True
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        found: list[Candidate | Deferred] = []
        for name, kind, route in routes(settings):
            if seen.kinds.get(kind, 0) < _LEAST_ASKED:
                reason = f"insufficient_requests: {seen.kinds.get(kind, 0)}/{_LEAST_ASKED}"
                found.append(Deferred(lever=self.id, scope=kind, reason=reason))
                continue
            asked = [a.id for a in seen.requests if a.kind == kind and not a.cached]
            order = list(route)
            # Each later answerer moved to the front: what is tried first decides nearly all of the time and quality.
            for place in range(1, len(order)):
                other = [order[place], *order[:place], *order[place + 1 :]]
                if no_model(settings) and _without_model(other) == _without_model(order):
                    # Whoever cannot be asked is passed over, wherever it stands: both orders are the same.
                    found.append(Deferred(lever=self.id, scope=kind, reason="no_model"))
                    continue
                if allowed(settings, {name: other}) is None and asked:
                    found.append(
                        Candidate(
                            lever=self.id,
                            scope=kind,
                            changes={name: other},
                            design=self.design,
                            hypothesis=f"{kind} questions are answered sooner or better when {order[place]} is tried first",
                            evidence=evidence(asked),
                        )
                    )
        return found


def _without_model(order: list[str]) -> list[str]:
    return [answerer for answerer in order if answerer != "model"]
