"""A finding that keeps coming back and has one right answer is mended without being asked for.

Chosen by what checks reported, decided by documents: its repair is made in every recorded one, where it has to make the
finding go and nothing else come, and to leave what passes as it is.
"""

from __future__ import annotations

from collections import defaultdict

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import FIXED, REPAIRS_KNOWN, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_CHECKS = 5
_LEAST_ITEMS = 3


class RecurringFailures:
    id = "recurring-failures"
    signal = "findings that come back in one document after the other, by rule"
    design = Design.DOCUMENTS
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if FIXED not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        now = list(settings[FIXED])
        known = settings.get(REPAIRS_KNOWN) or ()
        checks, items = defaultdict[str, list[str]](list), defaultdict[str, set[str]](set)
        for check in seen.window.checks:
            for rule in check.rules:
                checks[rule].append(check.id)
                items[rule].add(check.item)
        found: list[Candidate | Deferred] = []
        for rule in sorted(checks):
            if rule in now or rule not in known:
                continue
            changes = {FIXED: [*now, rule]}
            if len(checks[rule]) < _LEAST_CHECKS or len(items[rule]) < _LEAST_ITEMS:
                reason = f"insufficient_failures: {len(items[rule])}/{_LEAST_ITEMS}"
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
                        hypothesis=f"{len(checks[rule])} checks of {len(items[rule])} items found {rule}, whose repair has one "
                        "right answer",
                        evidence=evidence(checks[rule]),
                    )
                )
        return found or [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]
