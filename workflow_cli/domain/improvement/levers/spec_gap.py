"""Questions that come again and again, and that no requirement answers: a missing requirement, for a person to decide on.

A low score alone is no sign of a gap. A cluster counts when at least three questions were asked on at least two days by at
least two clients where there are several, no person named a place that answers them, and either they are found badly and most
of them unanswered or rejected, or people gave the answer in their own words more than once. The requirement is drafted from an answer
that a person gave and nobody else's words; without one it stays a finding.

Half of the wordings go into the draft, so that the others find it; those are held out, to see whether they do.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from workflow_cli.domain.improvement.alike import groups
from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.judgement import Verdict
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.observation import Asked, Outcome
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.summary import Summary
from workflow_cli.domain.words.stop_words import telling_terms

_LEAST_ASKED = 3
_LEAST_DAYS = 2
#: Answers in people's own words that are a sign by themselves.
_TOLD_AGAIN = 2
_MOST_WORDINGS = 4
_DAY = 86400.0


class SpecGap:
    id = "spec-gap"
    signal = (
        "similar questions on several days, found badly and unanswered or rejected, or answered by people themselves"
    )
    design = Design.APPROVAL
    symptom = False
    urgent = False

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        clients = len({asked.client for asked in seen.requests})
        found: list[Candidate | Deferred] = []
        typical = _typical_score(seen)
        # What is asked most is wanted most.
        for asked in sorted(_homeless(seen), key=lambda group: (-len(group), group[0].cluster)):
            if not _comes_again(asked, clients):
                continue
            told = sorted((v for v in _verdicts(asked, seen) if v.answer), key=lambda verdict: verdict.at)
            long = sum(v.too_long for v in _verdicts(asked, seen))
            if len(told) + long < _TOLD_AGAIN and not _is_answered_badly(asked, seen, typical):
                continue
            if told:
                found.append(_candidate(self.id, asked, told[-1], seen))
            else:
                reason = "answer_too_long" if long else "no_accepted_answer"
                found.append(Deferred(lever=self.id, scope=asked[0].cluster, reason=reason))
        return found or [Deferred(lever=self.id, scope=ANY_KIND, reason="no_headroom")]


def _homeless(seen: Summary) -> list[list[Asked]]:
    """The questions of clusters that went badly and of which nobody named a place, those of alike clusters together."""
    clusters: dict[str, list[Asked]] = defaultdict(list)
    words: dict[str, set[str]] = defaultdict(set)
    for one in seen.requests:
        clusters[one.cluster].append(one)
    for cluster, asked in list(clusters.items()):
        # A place in the documents that a person named is proof that they do answer it.
        if any(v.reference for v in _verdicts(asked, seen)) or not any(_is_bad(a, seen) for a in asked):
            del clusters[cluster]
            continue
        for question in {a.question for a in asked}:
            words[cluster].update(telling_terms(seen.wording(question) or ""))
    return [[one for cluster in group for one in clusters[cluster]] for group in groups(words)]


def _typical_score(seen: Summary) -> float:
    """The median score of the best passage behind answers that were accepted, other than those that people gave."""
    scores = sorted(
        asked.score
        for asked in seen.requests
        if asked.score is not None
        and (v := seen.verdicts.get(asked.id)) is not None
        and v.accepted
        and not (v.answer or v.too_long)
    )
    return scores[len(scores) // 2] if scores else float("inf")


def _comes_again(asked: Sequence[Asked], clients: int) -> bool:
    if len(asked) < _LEAST_ASKED or len({a.at // _DAY for a in asked}) < _LEAST_DAYS:
        return False
    return clients < 2 or len({a.client for a in asked}) >= 2


def _is_answered_badly(asked: Sequence[Asked], seen: Summary, typical: float) -> bool:
    scores = sorted(a.score for a in asked if a.score is not None)
    if scores and scores[len(scores) // 2] >= typical:
        return False
    bad = sum(_is_bad(a, seen) for a in asked)
    return bad >= 2 and bad > sum(verdict.accepted for verdict in _verdicts(asked, seen))


def _is_bad(asked: Asked, seen: Summary) -> bool:
    verdict = seen.verdicts.get(asked.id)
    return asked.outcome is not Outcome.ANSWERED or (verdict is not None and not verdict.accepted)


def _verdicts(asked: Sequence[Asked], seen: Summary) -> list[Verdict]:
    return [verdict for a in asked if (verdict := seen.verdicts.get(a.id)) is not None]


def _candidate(lever: str, asked: Sequence[Asked], told: Verdict, seen: Summary) -> Candidate:
    often = Counter(a.question for a in asked)
    questions = sorted(often, key=lambda question: -often[question])
    days = len({a.at // _DAY for a in asked})
    first, *also = _most_telling({question: set(telling_terms(seen.wording(question) or "")) for question in questions})
    return Candidate(
        lever=lever,
        scope=asked[0].cluster,
        changes={},
        design=Design.APPROVAL,
        hypothesis=f"{len(asked)} questions on {days} days, {len(questions)} wordings, and no requirement that answers them",
        evidence=evidence([a.id for a in asked]),
        document={
            "clusters": sorted({a.cluster for a in asked}),
            "question": first,
            "also": also,
            "answer": told.answer,
            "by": told.client,
            "provenance": told.id,
            "held_out": [question for question in questions if question not in (first, *also)],
        },
    )


def _most_telling(words: Mapping[str, set[str]]) -> list[str]:
    """Half of the questions, each the first one that has most of what the others say and none of those before it does."""
    missing = {question: set(own) for question, own in words.items()}
    left = list(words)
    chosen: list[str] = []
    while left and len(chosen) < min(_MOST_WORDINGS, (len(words) + 1) // 2):
        telling = max(left, key=lambda question: _said_of_others(words[question], missing))
        left.remove(telling)
        chosen.append(telling)
        for own in missing.values():
            own.difference_update(words[telling])
    return chosen


def _said_of_others(words: set[str], missing: Mapping[str, set[str]]) -> int:
    return sum(len(words & own) for own in missing.values())
