"""What a candidate would do, on the questions that choose: DEV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from workflow_cli.app.improve.context import Context
from workflow_cli.domain.improvement.evidence import Wealth, sign_e_value
from workflow_cli.domain.improvement.experiment import AT_ONCE, CODE, PROMPT, Candidate, Design
from workflow_cli.domain.improvement.facts import Facts
from workflow_cli.domain.improvement.intervals import Interval, mean_interval
from workflow_cli.domain.improvement.knobs import MODEL_OF_KIND, moves_tools
from workflow_cli.domain.improvement.known_quality import FITTING_AT_LEAST
from workflow_cli.domain.improvement.lever import Lever, TraceLever
from workflow_cli.domain.improvement.observation import Outcome
from workflow_cli.domain.improvement.replayed import (
    EVEN,
    Placed,
    Replayed,
    Sample,
    agreement_by_kind,
    answer_worth,
    help_of,
    placed_questions,
    rank_credit,
    samples_to_choose,
    samples_to_confirm,
)
from workflow_cli.domain.improvement.setting_values import Settings, fingerprint, with_changes
from workflow_cli.domain.improvement.split import Part, may_decide, part_of
from workflow_cli.domain.improvement.summary import Summary

_MOST_CHOSEN = 400
#: Documents that are looked at in one cycle, each with some hundred questions.
_MOST_PREVIEWS = 5
_DAY = 86400.0
Ask = Callable[[str, str, Settings], Replayed | None]


@dataclass(frozen=True, slots=True)
class Item:
    """Something that may decide, such as an event; `sign` as in `Pair`."""

    id: str
    difference: float
    sign: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Screened:
    """`differences` on DEV; `share` is the part of the traffic they speak for; `deciding` are items of CONFIRM."""

    candidate: Candidate
    predicted: Interval
    differences: Sequence[float]
    share: float
    deciding: Sequence[Item] = ()
    head_start: float = 1.0

    @property
    def gain(self) -> float:
        return self.share * sum(self.differences) / max(1, len(self.differences))


def _to_decide(candidate: Candidate) -> Screened:
    """A person decides, and no figure."""
    return Screened(candidate=candidate, predicted=Interval(0.0, 1.0), differences=[0.5], share=1.0)


def enough_to_decide(screened: Screened, keep_e: float) -> bool:
    """Whether CONFIRM is likely to settle it.

    Of what replays of the log show, gains and losses are taken to be as frequent there as in DEV: what is ruled on too early is not
    looked at again for a day, and its items have one use less. What is looked for in the passages fits DEV too well for that.
    """
    design = screened.candidate.design
    if design not in AT_ONCE:
        return True
    # Counted and not tested: how many of CONFIRM's are gains is what it is to decide.
    differing = sum(item.sign != 0 for item in screened.deciding)
    lost = 0
    if design is Design.TRACE:
        gains, losses = (sum(d * sign > 0 for d in screened.differences) for sign in (1, -1))
        lost = round(differing * losses / max(1, gains + losses))
    return sign_e_value(differing - lost, lost) >= 1.5 * keep_e


class Screen:
    """Screens the candidates of one cycle; questions are asked with the settings in force once for all of them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._base = context.world.tuning.base()
        self._base_hash = fingerprint(dict(self._base))
        self._asked: dict[tuple[str, str, str, str], Replayed | None] = {}
        self._known: dict[tuple[int, Part, str], list[Placed]] = {}
        self._previews = 0

    def screen(self, lever: Lever, candidate: Candidate, seen: Summary) -> Screened | str | None:
        """What was seen, or why there is nothing to see: a machine-readable reason; None where it was looked at just now."""
        match candidate.design:
            case Design.TRACE:
                return self._trace(seen, cast(TraceLever, lever), candidate)
            case Design.RECALL:
                return self._recall(seen, candidate)
            case Design.INTERLEAVED if candidate.predicted is not None:
                # What cannot be asked again, the lever has reckoned from the log; it has to show online.
                middle = (candidate.predicted.low + candidate.predicted.high) / 2
                share = share_of(seen, candidate)
                return Screened(candidate=candidate, predicted=candidate.predicted, differences=[middle], share=share)
            case Design.INTERLEAVED:
                return self._answers(seen, candidate)
            case Design.SWITCHBACK:
                predicted = candidate.predicted or Interval(-1.0, 1.0)
                middle = (predicted.low + predicted.high) / 2
                return Screened(candidate=candidate, predicted=predicted, differences=[middle], share=1.0)
            case Design.DOCUMENTS:
                return self._documents(candidate)
            case Design.APPROVAL if candidate.document == {"kind": PROMPT}:
                return self._rewritten(seen, candidate)
            case Design.APPROVAL if (candidate.document or {}).get("kind") == CODE:
                return _to_decide(candidate)
            case Design.APPROVAL:
                return self._requirement(seen, candidate)

    def _screened(
        self, candidate: Candidate, chosen: Sequence[float], share: float, deciding: Sequence[Item] = ()
    ) -> Screened | str:
        least = self._context.policy.least_screen
        if len(chosen) < least:
            return f"insufficient_pairs: {len(chosen)}/{least}"
        # The newest are enough to choose by, and the interval of thousands takes longer than reading them.
        chosen = chosen[-_MOST_CHOSEN:]
        # Scaled by the largest: here nothing is decided, and small differences would take long to show.
        scale = max((abs(difference) for difference in chosen), default=0.0) or 1.0
        interval = mean_interval([d / scale for d in chosen], level=self._context.policy.screen_level)
        predicted = Interval(interval.low * scale, interval.high * scale)
        return Screened(candidate=candidate, predicted=predicted, differences=chosen, share=share, deciding=deciding)

    def _trace(self, seen: Summary, lever: TraceLever, candidate: Candidate) -> Screened | str:
        traced = list(lever.trace(seen, self._base, candidate.changes))
        chosen = [t.difference for t in traced if part_of(t.cluster) is Part.DEV]
        uses = self._context.state.uses
        deciding = [
            Item(t.event, t.difference, (t.difference > 0) - (t.difference < 0))
            for t in traced
            if may_decide(t.cluster, t.event, uses)
        ]
        return self._screened(candidate, chosen, min(1.0, len(traced) / max(1, len(seen.requests))), deciding)

    def _recall(self, seen: Summary, candidate: Candidate) -> Screened | str:
        answerers = self._context.world.answerers
        treated = with_changes(self._base, candidate.changes)
        uses = self._context.state.uses

        hash = fingerprint(dict(treated))

        def difference(placed: Placed) -> tuple[float, float] | None:
            """Of worth and of credit; None where the same passages come in the same order, or none can be sought."""
            before = self._ask(answerers.passages, "passages", placed, self._base, self._base_hash)
            after = self._ask(answerers.passages, "passages", placed, treated, hash)
            if before is None or after is None or before.cites == after.cites:
                return None
            credits = [rank_credit(placed, replayed) for replayed in (before, after)]
            worths = [seen.worth.utility(placed.kind, c, r.ms) for c, r in zip(credits, (before, after), strict=True)]
            return worths[1] - worths[0], credits[1] - credits[0]

        known = self._placed(seen, Part.DEV, candidate.scope)
        chosen = [found[0] for placed in known if (found := difference(placed)) is not None]
        deciding: list[Item] = []
        facts = Facts()
        may = [p for p in self._placed(seen, Part.CONFIRM, candidate.scope) if may_decide(p.cluster, p.id, uses)]
        for placed in reversed(may[-self._context.policy.most_recall :]):
            if (found := difference(placed)) is None:
                continue
            # What is asked every day weighs in the mean as often, but is no more than so many facts.
            deciding.append(Item(placed.id, found[0], facts.sign(placed, found[1])))
        help = sum(help_of(seen, asked.kind) for asked in seen.requests) / max(1, len(seen.requests))
        touched = len(chosen) / max(1, len(known))
        return self._screened(candidate, chosen, touched * help * share_of(seen, candidate), deciding[::-1])

    def _placed(self, seen: Summary, part: Part, scope: str) -> list[Placed]:
        key = (id(seen), part, scope)
        if key not in self._known:
            self._known[key] = placed_questions(seen, part, scope)
        return self._known[key]

    def _rewritten(self, seen: Summary, candidate: Candidate) -> Screened | str:
        """Searched for once a day at most, whatever comes of it: it takes hundreds of calls."""
        from workflow_cli.app.improve.rewrite import FEWEST_CALLS, MOST_CALLS, Rewrite

        context = self._context
        left = context.policy.replays_a_day - len(context.replays_today())
        if context.world.rewriter is None or context.state.frozen is not None:
            return "not_now"
        if left < FEWEST_CALLS + MOST_CALLS:
            return "budget"
        today = f"advice/{int(context.now // _DAY)}"
        if today in context.screened:
            return "searched_today"
        context.screened[today] = 1
        found = Rewrite(context=context, rewriter=context.world.rewriter, seen=seen).run(candidate)
        if isinstance(found, str):
            return found
        return Screened(candidate=found[0], predicted=found[1], differences=[0.5], share=1.0)

    def _requirement(self, seen: Summary, candidate: Candidate) -> Screened | str | None:
        """Looked at again with another answer, or when there is an eighth more to look at."""
        from workflow_cli.app.improve.preview import NOT_NOW, with_preview

        context = self._context
        key, size = f"requirement/{candidate.scope}/{(candidate.document or {})['provenance']}", len(seen.requests)
        if context.screened.get(key, -1) >= size:
            return None
        if self._previews == _MOST_PREVIEWS:
            return NOT_NOW
        self._previews += 1
        previewed = with_preview(context, candidate)
        if previewed != NOT_NOW:
            context.screened[key] = size + size // 8
        return previewed if isinstance(previewed, str) else _to_decide(previewed)

    def _documents(self, candidate: Candidate) -> Screened | str:
        """Every document in which the rule finds something; one that a repair spoils is one too many."""
        repairs = self._context.world.repairs
        if repairs is None:
            return "no_documents"
        replayed = repairs.replay(candidate.scope)
        if spoilt := sum(one.spoilt for one in replayed):
            return f"spoils: {spoilt}"
        items = [Item(one.id, float(one.mended), int(one.mended)) for one in replayed if one.failing]
        return self._screened(candidate, [item.difference for item in items], 1.0, items)

    def _answers(self, seen: Summary, candidate: Candidate) -> Screened | str:
        treated = with_changes(self._base, candidate.changes)
        hash = fingerprint(dict(treated))
        asked: list[tuple[Sample, Replayed, Replayed]] = []
        for sample in samples_to_choose(seen, candidate.scope, self._context.policy.most_screen):
            if (both := self._with_both(sample, treated, hash)) is None:
                return "no_model"
            asked.append((sample, *both))
        if moves_tools(self._base, candidate.changes):
            # Tools name places of their own, so that nothing is known of how good they are at other questions.
            kinds = {sample.kind: seen.acceptance(sample.kind) for sample, _, _ in asked}
            good = (kinds, kinds)
            asked = [
                one for one in asked if one[0].reference or not one[1].outcome is one[2].outcome is Outcome.ANSWERED
            ]
        else:
            good = (
                agreement_by_kind(seen, ((sample, before) for sample, before, _ in asked)),
                agreement_by_kind(seen, ((sample, after) for sample, _, after in asked)),
            )
        chosen: list[float] = []
        for sample, before, after in asked:
            worths = [
                answer_worth(seen, sample, one, unplaced=of_kind.get(sample.kind, EVEN))
                for one, of_kind in zip((before, after), good, strict=True)
            ]
            chosen += [worths[1] - worths[0]] * seen.weight(sample.reference)
        if chosen and max(map(abs, chosen)) < self._context.policy.rule.least_gain:
            # No question does better by what would have to be gained on the mean: only clocks differ.
            return "no_headroom"
        return self._screened(candidate, chosen, share_of(seen, candidate))

    def head_start(self, candidate: Candidate) -> float:
        """The e-value of asking questions of CONFIRM again, with both settings; 1 for what does not go online."""
        if candidate.design is not Design.INTERLEAVED or candidate.predicted is not None:
            return 1.0  # nothing would be learned, or they cannot be asked again
        if MODEL_OF_KIND in candidate.changes and not candidate.by_reference:
            return 1.0  # what it cites says too little of how good it is
        if moves_tools(self._base, candidate.changes):
            # A tool is asked again as it was when somebody waited for it. Whenever its breaker was open nobody did, and the
            # replay does not know of that: it makes every order look bad that has the tool early.
            return 1.0
        seen = self._context.summary
        treated = with_changes(self._base, candidate.changes)
        hash = fingerprint(dict(treated))
        wealth = Wealth()
        for sample in samples_to_confirm(seen, candidate.scope, self._context.policy.most_screen):
            if (both := self._with_both(sample, treated, hash)) is not None:
                worths = [answer_worth(seen, sample, one, fitting=FITTING_AT_LEAST) for one in both]
                wealth = wealth.after(worths[1] - worths[0])
        return wealth.e_value

    def _with_both(self, sample: Sample, treated: Settings, hash: str) -> tuple[Replayed, Replayed] | None:
        """None where one of them cannot be asked."""
        replay = self._context.world.answerers.replay
        before = self._ask(replay, "answer", sample, self._base, self._base_hash)
        after = self._ask(replay, "answer", sample, treated, hash)
        return None if before is None or after is None else (before, after)

    def _ask(self, ask: Ask, how: str, sample: Sample | Placed, settings: Settings, hash: str) -> Replayed | None:
        key = (how, hash, sample.kind, sample.question)
        if key not in self._asked:
            if how == "answer":
                self._context.replays.append(self._context.now)
            self._asked[key] = ask(sample.question, sample.kind, settings)
        return self._asked[key]


def share_of(seen: Summary, candidate: Candidate) -> float:
    """The part of all requests that a candidate has anything to do with."""
    if candidate.touches is None:
        concerned = sum(count for kind, count in seen.kinds.items() if candidate.scope in ("*", kind))
    else:
        concerned = sum(
            candidate.scope in ("*", asked.kind) and any(a.family == candidate.touches for a in asked.attempts)
            for asked in seen.requests
        )
    return concerned / max(1, len(seen.requests))
