"""How much more a word in a requirement's name counts than one in its text."""

from __future__ import annotations

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import TITLE_WEIGHT, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.levers.retrieval_depth import too_few_references
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary


class FieldWeight:
    id = "field-weight"
    signal = "places that people accepted or named, and whether the passages hold them"
    design = Design.RECALL
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        weight = settings.get(TITLE_WEIGHT)
        if weight is None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        if reason := too_few_references(seen):
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=reason)]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={TITLE_WEIGHT: other},
                design=self.design,
                hypothesis=f"with names counting {other} instead of {weight} times more accepted places are among the passages",
                evidence=evidence([reference.id for reference in seen.references]),
            )
            for other in (weight / 2, weight * 2)
            if allowed(settings, {TITLE_WEIGHT: other}) is None
        ]
