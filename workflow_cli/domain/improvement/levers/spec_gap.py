"""Questions that come again and again, and that no requirement answers: a missing requirement, for a person to decide on.

A low score alone is no sign of a gap. A cluster counts when at least three questions were asked on at least two days by at
least two clients where there are several, with nothing accepted from the specs, and most of them unanswered or rejected.
The requirement is drafted from an answer that a person gave and nobody else's words; without one it stays a finding.
"""

from __future__ import annotations

from collections import defaultdict

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.observation import Asked, Outcome, Verdict
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary

_LEAST_ASKED = 3
_LEAST_DAYS = 2
_DAY = 86400.0


class SpecGap:
    id = "spec-gap"
    signal = "similar questions on several days, found badly and unanswered or rejected"
    design = Design.APPROVAL
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        clusters: dict[str, list[Asked]] = defaultdict(list)
        for one in seen.requests:
            clusters[one.cluster].append(one)
        clients = len({asked.client for asked in seen.requests})
        found: list[Candidate | Deferred] = []
        typical = _typical_score(seen)
        for cluster, asked in sorted(clusters.items()):
            if not _is_gap(asked, seen, clients, typical):
                continue
            said = [v for a in asked if (v := seen.verdicts.get(a.id)) is not None and v.answer and not v.reference]
            if not said:
                found.append(Deferred(lever=self.id, scope=cluster, reason="no_accepted_answer"))
                continue
            found.append(_candidate(self.id, cluster, asked, said))
        return found or [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]


def _typical_score(seen: Summary) -> float:
    """The median score of the best passage behind answers that were accepted."""
    scores = sorted(
        asked.score
        for asked in seen.requests
        if asked.score is not None and (v := seen.verdicts.get(asked.id)) is not None and v.accepted
    )
    return scores[len(scores) // 2] if scores else float("inf")


def _is_gap(asked: list[Asked], seen: Summary, clients: int, typical: float) -> bool:
    if len(asked) < _LEAST_ASKED or len({a.at // _DAY for a in asked}) < _LEAST_DAYS:
        return False
    if clients > 1 and len({a.client for a in asked}) < 2:
        return False
    scores = sorted(a.score for a in asked if a.score is not None)
    low = not scores or scores[len(scores) // 2] < typical
    bad = good = 0
    for a in asked:
        verdict = seen.verdicts.get(a.id)
        if a.outcome is not Outcome.ANSWERED or (verdict is not None and not verdict.accepted):
            bad += 1
        elif verdict is not None:
            good += 1
    # A place in the documents that a person named is proof that they do answer it.
    named = any(v.reference for a in asked if (v := seen.verdicts.get(a.id)) is not None)
    return low and not named and bad >= 2 and bad > good


def _candidate(lever: str, cluster: str, asked: list[Asked], said: list[Verdict]) -> Candidate:
    newest = said[-1]
    questions = sorted({a.question for a in asked})
    answered = next(a.question for a in asked if a.id == newest.asked)
    days = len({a.at // _DAY for a in asked})
    return Candidate(
        lever=lever,
        scope=cluster,
        changes={},
        design=Design.APPROVAL,
        hypothesis=f"{len(asked)} questions on {days} days, {len(questions)} wordings, and no requirement that answers them",
        evidence=evidence([a.id for a in asked]),
        document={
            "question": answered,
            "answer": newest.answer,
            "by": newest.client,
            "provenance": newest.id,
            "held_out": [question for question in questions if question != answered],
        },
    )
