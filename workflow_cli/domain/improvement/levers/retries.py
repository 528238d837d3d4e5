"""How often a call that failed at once is made again."""

from __future__ import annotations

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import MODEL_RETRIES, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_CALLS = 20
_TOO_MANY = 0.1
#: Failures that may be over the next moment. A model that is not there, or that says nothing of use, is no such thing.
_PASSING = frozenset(("error", "overloaded", "loading", "unreachable"))


class Retries:
    id = "retries"
    signal = "the share of calls of a model that fail with an error"
    design = Design.INTERLEAVED
    symptom = True

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if MODEL_RETRIES not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        if no_model(settings):
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_model")]
        made = seen.calls("model")
        calls, failed = len(made), [asked.id for asked, attempt in made if attempt.failure in _PASSING]
        if calls < _LEAST_CALLS or len(failed) < _TOO_MANY * calls:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"no_headroom: {len(failed)}/{calls}")]
        more = {MODEL_RETRIES: settings[MODEL_RETRIES] + 1}
        if (reason := allowed(settings, more)) is not None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=reason)]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes=more,
                design=self.design,
                by_reference=True,
                touches="model",
                hypothesis=f"{len(failed)} of {calls} calls failed with an error; made once more, some of them succeed",
                evidence=evidence(failed),
            )
        ]
