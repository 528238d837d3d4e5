"""Which model answers a kind of question."""

from __future__ import annotations

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import MODEL_DEFAULT, MODEL_OF_KIND, MODELS_AVAILABLE, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_CALLS = 10
_MOSTLY_WRONG = 0.5


class ModelOfKind:
    id = "model-of-kind"
    signal = "acceptance and time of a model by kind of question"
    design = Design.INTERLEAVED
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        models = list(settings.get(MODELS_AVAILABLE) or ())
        if len(models) < 2:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_model")]
        chosen = dict(settings.get(MODEL_OF_KIND) or {})
        found: list[Candidate | Deferred] = []
        for kind in sorted(seen.kinds):
            asked = [a.id for a in seen.requests if a.kind == kind and any(t.family == "model" for t in a.attempts)]
            if len(asked) < _LEAST_CALLS:
                reason = f"insufficient_requests: {len(asked)}/{_LEAST_CALLS}"
                found.append(Deferred(lever=self.id, scope=kind, reason=reason))
                continue
            now = chosen.get(kind, settings.get(MODEL_DEFAULT))
            for model in models:
                changes = {MODEL_OF_KIND: {**chosen, kind: model}}
                if model != now and allowed(settings, changes) is None:
                    found.append(
                        Candidate(
                            lever=self.id,
                            scope=kind,
                            changes=changes,
                            design=self.design,
                            # A model that is wrong may name the right place all the same. Where the one in force is mostly
                            # wrong that speaks for it, and else for whatever would come in its place.
                            by_reference=seen.of(kind, "model").acceptance < _MOSTLY_WRONG,
                            touches="model",
                            hypothesis=f"{model} answers {kind} questions better or sooner than {now}",
                            evidence=evidence(asked),
                        )
                    )
        return found
