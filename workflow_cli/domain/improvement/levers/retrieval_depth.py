"""How many passages are taken from the specs."""

from __future__ import annotations

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import DEPTH, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_REFERENCES = 8


def too_few_references(seen: Summary) -> str | None:
    """Why it cannot be compared which places passages hold."""
    count = len(seen.references)
    return f"insufficient_pairs: {count}/{_LEAST_REFERENCES}" if count < _LEAST_REFERENCES else None


class RetrievalDepth:
    id = "retrieval-depth"
    signal = "places that people accepted or named, and whether the passages hold them"
    design = Design.RECALL
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        depth = settings.get(DEPTH)
        if depth is None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        if reason := too_few_references(seen):
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=reason)]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={DEPTH: other},
                design=self.design,
                hypothesis=f"with {other} passages instead of {depth} more of the places people accepted are found, or as "
                "many sooner",
                evidence=evidence([reference.id for reference in seen.references]),
            )
            # Where one passage is all there is, a second is half a step.
            for other in ((depth - 1, depth + 1, depth + 2) if depth > 1 else (depth + 2,))
            if allowed(settings, {DEPTH: other}) is None
        ]
