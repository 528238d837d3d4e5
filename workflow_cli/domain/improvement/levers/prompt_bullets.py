"""Sentences of a vetted library that are put into the prompt, one at a time."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import BULLET_LIBRARY, BULLETS, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence, no_model
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_CALLS = 20
_TOO_MANY = 0.1


class PromptBullets:
    """The library maps each bullet to the failure it is against, such as `format` or `citation`."""

    id = "prompt-bullets"
    signal = "replies that could not be read, lacked a citation, or abstained"
    design = Design.INTERLEAVED
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        library = settings.get(BULLET_LIBRARY)
        if not isinstance(library, Mapping) or BULLETS not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        if no_model(settings):
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_model")]
        made = seen.calls("model")
        calls, failed = len(made), dict[str, list[str]]()
        for asked, attempt in made:
            if attempt.failure is not None:
                failed.setdefault(attempt.failure, []).append(asked.id)
        now = list(settings[BULLETS])
        found: list[Candidate | Deferred] = []
        for bullet, against in sorted(library.items()):
            ids = failed.get(str(against), [])
            changes = {BULLETS: [*now, bullet]}
            if bullet in now or calls < _LEAST_CALLS or len(ids) < _TOO_MANY * calls:
                continue
            if allowed(settings, changes) is None:
                found.append(
                    Candidate(
                        lever=self.id,
                        scope=ANY_KIND,
                        changes=changes,
                        design=self.design,
                        by_reference=True,
                        touches="model",
                        hypothesis=f"{len(ids)} of {calls} replies failed by {against}; {bullet} is written against that",
                        evidence=evidence(ids),
                    )
                )
        return found or [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]
