"""Searches for an advice on questions that choose, and holds it to our own rule on others, before anybody is asked about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from workflow_cli.app.improve.measure import fold, numbers
from workflow_cli.domain.improvement.experiment import PROMPT, Candidate
from workflow_cli.domain.improvement.intervals import Interval, mean_interval
from workflow_cli.domain.improvement.knobs import ADVICE
from workflow_cli.domain.improvement.known_quality import FITTING_AT_LEAST
from workflow_cli.domain.improvement.replayed import (
    Replayed,
    Sample,
    answer_worth,
    recall,
    samples_with_place,
)
from workflow_cli.domain.improvement.rewritten import NoAdvice, advice_in
from workflow_cli.domain.improvement.rule import Pair, Ruling, decide
from workflow_cli.domain.improvement.setting_values import with_changes
from workflow_cli.domain.improvement.split import Part, may_decide

if TYPE_CHECKING:
    from workflow_cli.app.improve.context import Context
    from workflow_cli.domain.improvement.summary import Summary

FEWEST_CALLS, MOST_CALLS = 200, 300
#: How often a model may be asked for a better one.
_MOST_PROPOSALS = 40
_MOST_DECIDING = 120
_MOST_SEARCHED = 24


class Rewriter(Protocol):
    """What searches, and whom it asks."""

    def search(
        self,
        seed: str,
        train: Sequence[Sample],
        held: Sequence[Sample],
        *,
        score: Callable[[str, Sample], float],
        propose: Callable[[str, Sequence[tuple[Sample, float]]], str],
        most_calls: int,
    ) -> str: ...

    def ask(self, advice: str, cases: Sequence[tuple[str, float]]) -> tuple[str, bool]:
        """What a model says, and whether that is all of it. Raises WorkflowError."""
        ...


class _TimeIsUp(Exception):
    """Nothing can be asked any more in this cycle."""


@dataclass(kw_only=True)
class Rewrite:
    """One search. `before` is the advice in force."""

    context: Context
    rewriter: Rewriter
    seen: Summary

    def run(self, candidate: Candidate) -> tuple[Candidate, Interval] | str:
        """The candidate with an advice that passed, and what it is expected to gain; or why there is none."""
        base = self.context.world.tuning.base()
        seed = str(base.get(ADVICE) or "")
        dev = _once(samples_with_place(self.seen, Part.DEV, "*"))[-_MOST_SEARCHED:]
        train, held = dev[::2], dev[1::2]
        asked = 0

        def propose(advice: str, told: Sequence[tuple[Sample, float]]) -> str:
            nonlocal asked
            asked += 1
            if asked > _MOST_PROPOSALS:
                return advice
            cases = [(self.seen.wording(sample.question) or "", worth) for sample, worth in told]
            reply, complete = self.rewriter.ask(advice, cases)
            try:
                return advice_in(reply, complete=complete, questions=self._questions())
            except NoAdvice:
                return advice

        try:
            found = self.rewriter.search(seed, train, held, score=self._worth, propose=propose, most_calls=MOST_CALLS)
        except _TimeIsUp:
            return "time_is_up"
        if found == seed:
            return "nothing_better"
        return self._decided(replace(candidate, changes={ADVICE: found}), seed, found)

    def _decided(self, candidate: Candidate, seed: str, found: str) -> tuple[Candidate, Interval] | str:
        """By the rule of the loop, on questions that took no part in the search."""
        context = self.context
        rule = replace(context.policy.rule, evidence="sign")
        pairs: list[Pair] = []
        items: list[str] = []
        for sample in samples_with_place(self.seen, Part.CONFIRM, "*")[-_MOST_DECIDING:]:
            if not may_decide(sample.cluster, sample.id, context.state.uses):
                continue
            before, after = self._replayed(seed, sample), self._replayed(found, sample)
            if before is None or after is None:
                return "time_is_up"
            unplaced = self.seen.acceptance(sample.kind)
            worths = [
                answer_worth(self.seen, sample, one, unplaced=unplaced, fitting=FITTING_AT_LEAST)
                for one in (before, after)
            ]
            better = recall(sample, after) - recall(sample, before)
            pairs.append(Pair(difference=worths[1] - worths[0], sign=(better > 0) - (better < 0)))
            items.append(sample.id)
        if len(pairs) < rule.least_pairs:
            return f"insufficient_pairs: {len(pairs)}/{rule.least_pairs}"
        progress = fold(pairs, rule)
        decision = decide(rule, progress, elapsed=0.0)
        if decision is None or decision.ruling is not Ruling.KEEP:
            return f"not_better: e={progress.e_value(rule):.1f}"
        differences = [pair.difference for pair in pairs]
        document: dict[str, Any] = {"kind": PROMPT, "advice": found, "items": items, **numbers(progress, rule)}
        return replace(candidate, document=document), mean_interval(differences, level=context.policy.screen_level)

    def _worth(self, advice: str, sample: Sample) -> float:
        replayed = self._replayed(advice, sample)
        if replayed is None:
            raise _TimeIsUp
        return answer_worth(self.seen, sample, replayed, unplaced=self.seen.acceptance(sample.kind))

    def _replayed(self, advice: str, sample: Sample) -> Replayed | None:
        context = self.context
        context.replays.append(context.now)
        settings = with_changes(context.world.tuning.base(), {ADVICE: advice})
        return context.world.answerers.replay(sample.question, sample.kind, settings)

    def _questions(self) -> list[str]:
        asked = dict.fromkeys(asked.question for asked in self.seen.requests)
        return [words for question in asked if (words := self.seen.wording(question) or "")]


def _once(samples: Sequence[Sample]) -> list[Sample]:
    """Each question once, the newest."""
    return list({(sample.kind, sample.question): sample for sample in samples}.values())
