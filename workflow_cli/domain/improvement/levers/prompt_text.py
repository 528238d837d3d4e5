"""A sentence or two of advice for whoever answers, found by search (GEPA) where it is switched on; a person approves it.

It is added to the prompt, whose own rules all stay. Searching costs some hundred calls, so there has to be headroom first:
replies that fail, and questions whose place is known, to tell by.
"""

from __future__ import annotations

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import PROMPT, Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import ADVICE, SEARCH
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Summary

_LEAST_CALLS = 40
_HEADROOM = 0.15
_LEAST_KNOWN = 16


class PromptText:
    id = "prompt-text"
    signal = "replies of a model that fail, abstain or are rejected"
    design = Design.APPROVAL
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if (missing := self._missing(settings)) is not None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=missing)]
        made = seen.calls("model")
        calls, failed = len(made), []
        for asked, attempt in made:
            verdict = seen.verdicts.get(asked.id)
            rejected = attempt.ok and verdict is not None and not verdict.accepted
            if rejected or attempt.failure in ("bad_reply", "citation", "abstained"):
                failed.append(asked.id)
        if calls < _LEAST_CALLS or len(failed) < _HEADROOM * calls:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"no_headroom: {len(failed)}/{calls}")]
        known = {r.question for r in seen.references if r.cites and part_of(r.cluster) is Part.DEV}
        if len(known) < _LEAST_KNOWN:
            return [
                Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_references: {len(known)}/{_LEAST_KNOWN}")
            ]
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes={},
                design=Design.APPROVAL,
                hypothesis=f"{len(failed)} of {calls} replies of the model failed, abstained or were rejected",
                evidence=evidence(failed),
                document={"kind": PROMPT},
            )
        ]

    @staticmethod
    def _missing(settings: Settings) -> str | None:
        if ADVICE not in settings:
            return "no_setting"
        search = settings.get(SEARCH)
        if search is None:
            return "not_configured"
        if search != "there":
            return str(search)
        return "no_model" if no_model(settings) else None
