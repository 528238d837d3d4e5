"""What a candidate would do, on the questions that choose: DEV."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from workflow_cli.app.improve.context import Context
from workflow_cli.domain.improvement.evidence import Wealth
from workflow_cli.domain.improvement.experiment import Candidate, Design
from workflow_cli.domain.improvement.intervals import Interval, mean_interval
from workflow_cli.domain.improvement.lever import Lever, TraceLever
from workflow_cli.domain.improvement.replayed import (
    Replayed,
    Sample,
    answer_worth,
    recall_worth,
    samples_to_choose,
    samples_with_place,
)
from workflow_cli.domain.improvement.setting_values import Settings, fingerprint, with_changes
from workflow_cli.domain.improvement.split import USES, Part, part_of
from workflow_cli.domain.improvement.summary import Summary

Ask = Callable[[str, str, Settings], Replayed | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Screened:
    """`differences` on DEV; `share` is the part of the traffic they speak for; `deciding` are items with their differences on CONFIRM."""

    candidate: Candidate
    predicted: Interval
    differences: Sequence[float]
    share: float
    deciding: Sequence[tuple[str, float]] = ()

    @property
    def gain(self) -> float:
        return self.share * sum(self.differences) / max(1, len(self.differences))


def enough_to_decide(screened: Screened, keep_e: float) -> bool:
    """Whether CONFIRM is likely to settle it, were its differences like those of DEV."""
    wealth = Wealth()
    for difference in screened.differences:
        wealth = wealth.after(difference)
    growth = (wealth.log_e + math.log(len(wealth.logs))) / max(1, len(screened.differences))
    return growth * len(screened.deciding) - 0.5 * math.log(len(wealth.logs)) >= math.log(keep_e)


class Screen:
    """Screens the candidates of one cycle; questions are asked with the settings in force once for all of them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._base = context.world.tuning.base()
        self._asked: dict[tuple[str, str, str], Replayed | None] = {}

    def screen(self, lever: Lever, candidate: Candidate) -> Screened | str:
        """What was seen, or why there is nothing to see: a machine-readable reason."""
        seen = self._context.summary
        match candidate.design:
            case Design.TRACE:
                return self._trace(seen, cast(TraceLever, lever), candidate)
            case Design.RECALL:
                return self._recall(seen, candidate)
            case Design.INTERLEAVED:
                return self._answers(seen, candidate)
            case Design.SWITCHBACK:
                predicted = candidate.predicted or Interval(-1.0, 1.0)
                middle = (predicted.low + predicted.high) / 2
                return Screened(candidate=candidate, predicted=predicted, differences=[middle], share=1.0)
            case Design.APPROVAL:
                return Screened(candidate=candidate, predicted=Interval(0.0, 1.0), differences=[0.5], share=1.0)

    def _screened(
        self, candidate: Candidate, chosen: Sequence[float], share: float, deciding: Sequence[tuple[str, float]] = ()
    ) -> Screened | str:
        least = self._context.policy.least_screen
        if len(chosen) < least:
            return f"insufficient_pairs: {len(chosen)}/{least}"
        predicted = mean_interval(chosen, level=self._context.policy.screen_level)
        return Screened(candidate=candidate, predicted=predicted, differences=chosen, share=share, deciding=deciding)

    def _trace(self, seen: Summary, lever: TraceLever, candidate: Candidate) -> Screened | str:
        traced = list(lever.trace(seen, self._base, candidate.changes))
        chosen = [t.difference for t in traced if part_of(t.cluster) is Part.DEV]
        uses = self._context.state.uses
        deciding = [
            (t.event, t.difference) for t in traced if part_of(t.cluster) is Part.CONFIRM and uses[t.event] < USES
        ]
        return self._screened(candidate, chosen, min(1.0, len(traced) / max(1, len(seen.requests))), deciding)

    def _recall(self, seen: Summary, candidate: Candidate) -> Screened | str:
        answerers = self._context.world.answerers
        treated = with_changes(self._base, candidate.changes)
        uses = self._context.state.uses

        def difference(sample: Sample) -> float | None:
            before = self._ask(answerers.passages, "passages", sample, self._base)
            after = self._ask(answerers.passages, "passages", sample, treated)
            if before is None or after is None:
                return None
            return recall_worth(seen, sample, after) - recall_worth(seen, sample, before)

        chosen = [d for s in samples_with_place(seen, Part.DEV, candidate.scope) if (d := difference(s)) is not None]
        deciding = [
            (s.id, d)
            for s in samples_with_place(seen, Part.CONFIRM, candidate.scope)
            if uses[s.id] < USES and (d := difference(s)) is not None
        ]
        return self._screened(candidate, chosen, self._share(seen, candidate.scope), deciding)

    def _answers(self, seen: Summary, candidate: Candidate) -> Screened | str:
        treated = with_changes(self._base, candidate.changes)
        replay = self._context.world.answerers.replay
        chosen = []
        for sample in samples_to_choose(seen, candidate.scope, self._context.policy.most_screen):
            before = self._ask(replay, "answer", sample, self._base)
            after = self._ask(replay, "answer", sample, treated)
            if before is None or after is None:
                return "no_model"
            chosen.append(answer_worth(seen, sample, after) - answer_worth(seen, sample, before))
        return self._screened(candidate, chosen, self._share(seen, candidate.scope))

    def _ask(self, ask: Ask, how: str, sample: Sample, settings: Settings) -> Replayed | None:
        key = (how, fingerprint(dict(settings)), f"{sample.kind}\0{sample.question}")
        if key not in self._asked:
            if how == "answer":
                self._context.replays.append(self._context.now)
            self._asked[key] = ask(sample.question, sample.kind, settings)
        return self._asked[key]

    @staticmethod
    def _share(seen: Summary, scope: str) -> float:
        return 1.0 if scope == "*" else seen.kinds.get(scope, 0) / max(1, len(seen.requests))
