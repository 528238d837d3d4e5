"""Measure: fold what was seen of a running experiment, and rule on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflow_cli.app.improve.by_hand import is_replaced
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.overlays import holdback_of, overlay_of
from workflow_cli.app.improve.promotion import promote, roll_back
from workflow_cli.app.improve.screen import Screened
from workflow_cli.domain.improvement.arms import Overlay
from workflow_cli.domain.improvement.change_text import BASE_CHANGED, BY_HAND, HARM, PREEMPTED
from workflow_cli.domain.improvement.experiment import Design, Experiment
from workflow_cli.domain.improvement.pairs import holdback_pairs, interleaved_pairs, switchback_pairs, taking_part
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.rule import (
    Decision,
    Pair,
    Progress,
    Rule,
    Ruling,
    Sequel,
    after_keeping,
    decide,
)
from workflow_cli.domain.improvement.window import Window

#: It was begun by a clock that stood far ahead.
CLOCK = "clock"
#: Too many events claim an arm that they were not drawn for.
FORGED = "forged"
#: Said behind what was decided where people must release the settings.
ONCE_AGREED = ", once a person agrees"
_DAY = 86400.0
_FEW_FORGED = 5
_FORGED_SHARE = 0.1

#: Of what there are no bytes to put back for: they are those of a person.
_NO_PROMOTION: Mapping[str, Any] = {"before": None, "after": None}


def give_up_interrupted(context: Context) -> list[str]:
    """What needs no traffic is ruled on in the cycle that registered it; one that was killed in between is not taken up again."""
    interrupted = Decision(ruling=Ruling.ABORT, reason="interrupted")
    ended = [_end(context, experiment, interrupted, Progress()) for experiment in context.state.cut_off]
    return [f"{decision.ruling}: {decision.reason}" for decision in ended]


def measure_running(context: Context) -> Decision | None:
    """Rule on the experiment that runs online, if it can be ruled on yet."""
    experiment = context.state.running
    if experiment is None:
        return None
    overlay = overlay_of(experiment, context.policy)
    pairs: Iterable[Pair] = (
        switchback_pairs(context.window, overlay, experiment, context.policy.worth)
        if experiment.design is Design.SWITCHBACK
        else interleaved_pairs(context.window, overlay, experiment, context.policy.worth)
    )
    return _rule(context, experiment, pairs, forged=_is_forged(context.window, overlay))


def _is_forged(window: Window, overlay: Overlay) -> bool:
    """Whether events claim arms that their units were not drawn for, each unit anew, as nobody does who was given one.

    What is seen to be wrong is set aside. But of claims made up without the salt some happen to be right, half of them where
    arms are drawn evenly, and cannot be told from real ones: nothing is decided among such.
    """
    wrong = {
        asked.unit: asked.arm
        for asked in window.asked
        if asked.experiment == overlay.experiment and overlay.arm(asked.unit) not in (None, asked.arm)
    }
    if len(wrong) < _FEW_FORGED:
        return False
    made_up = sum(1 / overlay.caught(claim) for claim in wrong.values())
    return made_up > _FORGED_SHARE * len(taking_part(window, overlay)[0])


def _rule(context: Context, experiment: Experiment, pairs: Iterable[Pair], *, forged: bool) -> Decision | None:
    progress = fold(pairs, experiment.rule, head_start=experiment.head_start)
    broken = None
    if forged:
        broken = FORGED
    elif context.state.frozen is not None:
        broken = "frozen"
    elif context.world.tuning.fingerprint() != experiment.base:
        broken = BASE_CHANGED
    elif _begins_ahead(context, experiment.since):
        broken = CLOCK
    decision = decide(experiment.rule, progress, elapsed=context.now - experiment.since, broken=broken)
    known = context.state.observed
    if known is None or known.get("pairs") != progress.pairs:
        context.record(RecordType.OBSERVE, {"experiment": experiment.id, **numbers(progress, experiment.rule)})
    return None if decision is None else _end(context, experiment, decision, progress)


def fold(pairs: Iterable[Pair], rule: Rule, *, head_start: float = 1.0) -> Progress:
    """At most as many pairs as the rule allows, so that when a cycle comes late makes no difference."""
    progress = Progress(head_start=head_start)
    for pair in pairs:
        if progress.pairs >= rule.most_pairs:
            break
        progress = progress.after(pair, rule)
    return progress


def measure_at_once(context: Context, experiment: Experiment, screened: Screened) -> Decision:
    """On CONFIRM, for designs that need no traffic. What does not suffice is reverted: that is the default."""
    newest = screened.deciding[-experiment.rule.most_pairs :]
    progress = fold((Pair(difference=item.difference, sign=item.sign) for item in newest), experiment.rule)
    items = [item.id for item in newest]
    context.record(
        RecordType.OBSERVE, {"experiment": experiment.id, **numbers(progress, experiment.rule), "items": items}
    )
    decision = decide(experiment.rule, progress, elapsed=0.0)
    if decision is None:
        decision = Decision(ruling=Ruling.EXPIRE, reason=f"evidence: e={progress.e_value(experiment.rule):.1f}")
    return _end(context, experiment, decision, progress)


def _end(context: Context, experiment: Experiment, decision: Decision, progress: Progress) -> Decision:
    """The decision that is carried out: another one, where what is kept can no longer be put in force."""
    figures = {"reason": decision.reason, **numbers(progress, experiment.rule)}
    if experiment.same:
        context.record(RecordType.DECIDE, {"experiment": experiment.id, "ruling": decision.ruling.value, **figures})
        passed = decision.ruling is not Ruling.KEEP
        context.record(RecordType.AA_CHECK, {"check": "aa", "experiment": experiment.id, "passed": passed})
        context.world.proposals.close(experiment, decision.ruling.value, figures)
    elif decision.ruling is Ruling.KEEP:
        if (other := context.state.running) is not None and other is not experiment:
            # Its base is about to change, and its arms would not be what was registered.
            give_way(context, other, experiment.lever)
        if (reason := promote(context, experiment, figures)) is not None:
            return Decision(ruling=Ruling.ABORT, reason=reason)
        if experiment.id in context.state.held:
            return Decision(ruling=Ruling.KEEP, reason=f"{decision.reason}{ONCE_AGREED}")
    else:
        context.record(RecordType.DECIDE, {"experiment": experiment.id, "ruling": decision.ruling.value, **figures})
        context.world.proposals.close(experiment, decision.ruling.value, figures)
    return decision


def give_way(context: Context, running: Experiment, lever: str) -> None:
    """It ends without a verdict, and may begin again when it is due."""
    reason = f"{PREEMPTED}: {lever}"
    context.record(RecordType.DECIDE, {"experiment": running.id, "ruling": PREEMPTED, "reason": reason})
    context.world.proposals.close(running, PREEMPTED, {"reason": reason})


def measure_probation(context: Context) -> str | None:
    """Compare what was kept with the hold-back, and take it back where it does harm, or where that cannot be told."""
    experiment = context.state.probation
    if experiment is None or experiment.id in context.state.held:
        return None
    holdback = holdback_of(experiment)
    pairs, requests = holdback_pairs(context.window, holdback, experiment, context.policy.worth)
    forged = _is_forged(context.window, holdback)
    if experiment.design is Design.SWITCHBACK:
        # The whole system runs one way or the other: there is nothing to hold back.
        forged = False
        pairs, requests = [], sum(asked.at > context.state.probation_since for asked in context.window.asked)
    progress = fold(pairs, experiment.rule)
    sequel = after_keeping(
        experiment.rule, progress, requests=requests, elapsed=context.now - context.state.probation_since
    )
    if forged:
        # Made-up arms show neither harm nor that there is none, and reverting is the verdict by default.
        reason = FORGED
    elif sequel is Sequel.ROLL_BACK:
        reason = f"{HARM}: e={progress.harm.e_value:.1f}"
    elif sequel is Sequel.CONFIRMED:
        context.record(RecordType.PROBATION_END, {"experiment": experiment.id, **numbers(progress, experiment.rule)})
        return sequel.value
    elif _begins_ahead(context, context.state.probation_since):
        reason = CLOCK
    else:
        return None
    roll_back(context, experiment, _promotion(context), reason)
    return f"{Sequel.ROLL_BACK.value}: {reason}{ONCE_AGREED if experiment.id in context.state.held else ''}"


def _promotion(context: Context) -> Mapping[str, Any]:
    promotion: Mapping[str, Any] = (context.state.promoted or {}).get("promotion", {})
    return promotion


def take_back_by_hand(context: Context) -> list[str]:
    """What was kept, and what somebody has put something else in the place of since: it is not in force any more."""
    state, tuning = context.state, context.world.tuning
    kept = [state.experiments[id] for id in dict.fromkeys(state.kept) if id not in state.rolled_back]
    as_it_was_left = state.probation is not None and tuning.fingerprint() == _promotion(context).get("after")
    if not kept or as_it_was_left:
        return []
    did = []
    # The newest first: what the loop itself replaced is not gone by anybody's hand.
    replaced: set[str] = set()
    for experiment in reversed(kept):
        if replaced.isdisjoint(experiment.changes) and is_replaced(tuning, experiment):
            promotion = _promotion(context) if experiment is state.probation else _NO_PROMOTION
            roll_back(context, experiment, promotion, BY_HAND)
            did.append(f"{Sequel.ROLL_BACK.value}: {BY_HAND}")
        else:
            replaced.update(experiment.changes)
    return did


def _begins_ahead(context: Context, since: float) -> bool:
    """Whether it began on a clock that was wrong by more than jumps of hours: its time would never be over."""
    return since > context.now + _DAY


def numbers(progress: Progress, rule: Rule) -> dict[str, Any]:
    interval = progress.interval()
    return {
        "pairs": progress.pairs,
        "mean": round(progress.mean, 6),
        "interval": [round(interval.low, 6), round(interval.high, 6)],
        "e": _short(progress.e_value(rule)),
        "harm_e": _short(progress.harm.e_value),
        "guards": {name: _short(guard.kept.e_value) for name, guard in progress.guards.items()},
    }


def _short(value: float) -> float:
    return float(f"{value:.6g}")
