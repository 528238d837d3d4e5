"""A rule whose weakest findings are rejected keeps these to itself: it reports from a higher score on.

The threshold is chosen by the findings of DEV, as the one that hides most rejections less acceptances; the others decide. A rule that
would have nothing left to say is not for this lever: such a one is muted.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.judgement import Suggestion
from workflow_cli.domain.improvement.knobs import MUTED, RULES_KNOWN, THRESHOLDS, allowed
from workflow_cli.domain.improvement.lever import Proposals, Traced, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.suggestions import FEWEST_VERDICTS, not_shown
from workflow_cli.domain.improvement.summary import Summary

#: Scores are told apart by hundredths, as people are shown them.
_STEPS = 100


class SuggestionThreshold:
    id = "suggestion-threshold"
    signal = "findings that people accepted and rejected, by rule and score"
    design = Design.TRACE
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if THRESHOLDS not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        now, known = settings[THRESHOLDS], settings.get(RULES_KNOWN)
        found: list[Candidate | Deferred] = []
        for rule, said in sorted(_by_rule(seen.suggestions).items()):
            if rule in settings.get(MUTED, ()) or (known is not None and rule not in known):
                continue
            if len(said) < FEWEST_VERDICTS:
                reason = f"insufficient_pairs: {len(said)}/{FEWEST_VERDICTS}"
                found.append(Deferred(lever=self.id, scope=rule, reason=reason))
                continue
            least = _best([s for s in said if part_of(s.id) is Part.DEV], now.get(rule, 0.0))
            if least is None:
                continue
            changes = {THRESHOLDS: {**now, rule: least}}
            if (refused := allowed(settings, changes)) is not None:
                found.append(Deferred(lever=self.id, scope=rule, reason=refused))
                continue
            hidden = [s for s in said if _is_below(s, least)]
            rejected = sum(not s.accepted for s in hidden)
            found.append(
                Candidate(
                    lever=self.id,
                    scope=rule,
                    changes=changes,
                    design=self.design,
                    hypothesis=f"people rejected findings of {rule} with a score below {least:g} in {rejected} of {len(hidden)} verdicts",
                    evidence=evidence([s.id for s in hidden]),
                )
            )
        return found or [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]

    def trace(self, seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
        """Every finding that is below the new threshold and was not below the one before."""
        now, then = settings[THRESHOLDS], changes[THRESHOLDS]
        for said in seen.suggestions:
            if _is_below(said, then.get(said.rule, 0.0)) and not _is_below(said, now.get(said.rule, 0.0)):
                yield not_shown(said)


def _by_rule(suggestions: Sequence[Suggestion]) -> dict[str, list[Suggestion]]:
    found: dict[str, list[Suggestion]] = defaultdict(list)
    for said in suggestions:
        if said.score is not None:
            found[said.rule].append(said)
    return found


def _is_below(said: Suggestion, least: float) -> bool:
    return said.score is not None and said.score < least


def _best(said: Sequence[Suggestion], now: float) -> float | None:
    """The lowest of the thresholds that gain most; None where none gains anything, or where nothing would be left."""
    best, most = None, 0
    for least in sorted({_above(s.score) for s in said if s.score is not None and not s.accepted}):
        hidden = [s for s in said if _is_below(s, least) and not _is_below(s, now)]
        gain = sum(-1 if s.accepted else 1 for s in hidden)
        if least <= 1 and gain > most and len(hidden) < len(said):
            best, most = least, gain
    return best


def _above(score: float) -> float:
    """The next hundredth that is more."""
    return (math.floor(score * _STEPS + 1e-9) + 1) / _STEPS
