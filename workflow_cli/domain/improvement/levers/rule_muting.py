"""A rule whose findings are rejected more often than not in this project is muted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import MUTED, RULES_KNOWN, allowed
from workflow_cli.domain.improvement.lever import Proposals, Traced, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.suggestions import FEWEST_VERDICTS, not_shown
from workflow_cli.domain.improvement.summary import Summary


class RuleMuting:
    id = "rule-muting"
    signal = "findings and repairs that people accepted and rejected, by rule"
    design = Design.TRACE
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if MUTED not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        said: Counter[str] = Counter(s.rule for s in seen.suggestions)
        rejected: Counter[str] = Counter(s.rule for s in seen.suggestions if not s.accepted)
        muted = list(settings[MUTED])
        # OpenSpec's own verdict is not muted, and neither is what no rule said.
        known = settings.get(RULES_KNOWN)
        found: list[Candidate | Deferred] = []
        for rule, count in sorted(said.items()):
            changes = {MUTED: [*muted, rule]}
            if rule in muted or 2 * rejected[rule] <= count or (known is not None and rule not in known):
                continue
            if count < FEWEST_VERDICTS:
                reason = f"insufficient_pairs: {count}/{FEWEST_VERDICTS}"
                found.append(Deferred(lever=self.id, scope=rule, reason=reason))
            elif (refused := allowed(settings, changes)) is not None:
                found.append(Deferred(lever=self.id, scope=rule, reason=refused))
            else:
                found.append(
                    Candidate(
                        lever=self.id,
                        scope=rule,
                        changes=changes,
                        design=self.design,
                        hypothesis=f"people rejected findings of {rule} in {rejected[rule]} of {count} verdicts",
                        evidence=evidence([s.id for s in seen.suggestions if s.rule == rule]),
                    )
                )
        return found or [Deferred(lever=self.id, scope=ANY_KIND, reason=f"no_headroom: {len(said)}")]

    def trace(self, seen: Summary, settings: Settings, changes: Settings) -> Iterator[Traced]:
        """Every finding of a rule that is muted newly."""
        muted = set(changes[MUTED]) - set(settings[MUTED])
        yield from (not_shown(said) for said in seen.suggestions if said.rule in muted)
