"""One cycle: monitor, analyse, propose, implement, measure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from workflow_cli.app.improve.allowances import aa_is_due, documents_left
from workflow_cli.app.improve.checks import check
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.documents import follow_decisions, take_back_undone
from workflow_cli.app.improve.held import follow_held, told_held
from workflow_cli.app.improve.measure import (
    give_up_interrupted,
    give_way,
    measure_at_once,
    measure_probation,
    measure_running,
    take_back_by_hand,
)
from workflow_cli.app.improve.overlays import reconcile
from workflow_cli.app.improve.preview import displaces_too_much
from workflow_cli.app.improve.propose import propose
from workflow_cli.app.improve.recover import recover
from workflow_cli.app.improve.register import PAIR_SPREAD, register, register_aa
from workflow_cli.app.improve.screen import Screen, Screened
from workflow_cli.app.without_collector import without_collector
from workflow_cli.domain.improvement.change_text import NOT_WRITABLE, PREEMPTED, change_name
from workflow_cli.domain.improvement.experiment import AT_ONCE, Design, Experiment
from workflow_cli.domain.improvement.knobs import AGENT, ApprovalClass
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.state import State

_DAY = 86400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Cycle:
    """What a cycle did: `did` names its acts in order; nothing done is a good cycle too.

    `events` is how many were read, `set_aside` how many of them were not taken. `waits_for` says why nothing was looked
    for: `questions`, as nobody asked any, an experiment that is `measuring`, or one on `probation`. `ended` are the
    changes about which something was decided, each with what: kept, taken back, not kept, confirmed, or `stays` as a person would have it. `put_off` says what somebody has to see to before something can be tried, once.
    `reasons` say of each lever and scope that was looked at why it proposes nothing, with the figures of now.
    """

    did: tuple[str, ...]
    events: int
    set_aside: int
    running: str | None
    frozen: str | None
    waits_for: str | None = None
    ended: tuple[tuple[str, Experiment], ...] = ()
    put_off: tuple[str, ...] = ()
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def waits_for_a_person(self) -> bool:
        """Whether something new was proposed that a person has to decide about."""
        return any(did.startswith("proposed") for did in self.did)


# Looking for cycles among what was read of events by the hundred thousand takes as long as reading them.
@without_collector()
def run_cycle(context: Context, *, dry: bool = False) -> Cycle:
    """Dry, in a world that only pretends to be written, it begins nothing, and tells what it would do."""
    did: list[str] = []
    context.reasons.clear()
    state = context.state
    before, frozen = _Before.of(context.told_state), None if state.unsaid else state.frozen
    did += _proposed_unsaid(state, context.told_state)
    if (recovered := recover(context)) is not None:
        did.append(f"recovered: {recovered}")
    did += follow_held(context, dry=dry)
    events = context.watch()
    check(context)
    did += give_up_interrupted(context)
    if (decision := measure_running(context)) is not None:
        did.append(f"{decision.ruling}: {decision.reason}")
    did += take_back_by_hand(context)
    if (sequel := measure_probation(context)) is not None:
        did.append(sequel)
    did += take_back_undone(context)
    did += follow_decisions(context, dry=dry)
    if state.frozen is not None and state.frozen != frozen:
        did.append(f"freeze: {state.frozen}")
    if dry:
        did = [f"would: {one}" for one in did]
    waits_for = _waits_for(context)
    did += _act(context, dry=dry)
    did += [f"proposed: {told_held(held)}" for held in state.held.values() if held.draft not in before.drafts]
    reconcile(context)
    running = state.running
    return Cycle(
        did=tuple(did),
        events=events,
        set_aside=context.window.set_aside.total(),
        running=None if running is None else running.id,
        frozen=state.frozen,
        waits_for=waits_for,
        ended=tuple(before.ended(state)),
        reasons=dict(context.reasons),
        put_off=tuple(sorted(_obstacles(state.deferred) - before.obstacles)),
    )


def _proposed_unsaid(state: State, told: State) -> Iterator[str]:
    """What a cycle asked people about that was cut off before it could say so."""
    return (f"proposed: {change_name(one)}" for id, one in state.waiting.items() if id not in told.experiments)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Before:
    """What of the state a cycle may change, as it was when it began."""

    kept: int
    rolled_back: int
    finished: frozenset[str]
    probation: Experiment | None
    obstacles: frozenset[str]
    drafts: frozenset[str]

    @classmethod
    def of(cls, state: State) -> _Before:
        return cls(
            kept=len(state.kept),
            rolled_back=len(state.rolled_back),
            finished=frozenset(state.finished),
            probation=state.probation,
            obstacles=frozenset(_obstacles(state.deferred)),
            drafts=frozenset(held.draft for held in state.held.values()),
        )

    def ended(self, state: State) -> Iterator[tuple[str, Experiment]]:
        """The changes about which something was decided since, and what. Of documents the acts themselves say so."""
        back = state.rolled_back[self.rolled_back :]
        yield from (("kept", state.experiments[id]) for id in state.kept[self.kept :])
        for id in back:
            yield "not put back" if id in state.unrestored else "taken back", state.experiments[id]
        for id in state.finished:
            experiment = state.experiments[id]
            is_told = id in self.finished or id in back or id in state.kept
            if not is_told and experiment.document is None and not experiment.same:
                yield "not kept", experiment
        watched = self.probation
        is_over = state.probation is None or (watched is not None and state.probation.id != watched.id)
        if watched is not None and is_over and watched.id not in back:
            yield "stays" if watched.id in state.insisted else "confirmed", watched


def _obstacles(deferred: Mapping[tuple[str, str], str]) -> set[str]:
    words = (reason.partition(": ") for reason in deferred.values())
    return {obstacle for word, _, obstacle in words if word == NOT_WRITABLE}


def _waits_for(context: Context) -> str | None:
    if context.state.probation is not None:
        return "probation"
    if not context.window.asked:
        return "questions"
    return "measuring" if context.state.running is not None else None


def _act(context: Context, *, dry: bool) -> list[str]:
    """Propose, and begin the best; documents for people to decide on are written beside that."""
    state = context.state
    if state.probation is not None or not _anything_to_go_by(context):
        return []
    if state.running is not None:
        return [] if dry else _beside(context, state.running)
    if context.policy.aa_every == 1 and not dry and state.frozen is None:
        register_aa(context)
        return ["registered: aa"]
    did: list[str] = []
    begun = False
    screen = Screen(context)
    for screened in propose(context, screen):
        candidate = screened.candidate
        if candidate.design is Design.APPROVAL:
            did += _ask_for(context, screened, dry=dry)
            continue
        if begun:
            continue
        begun = True
        if state.frozen is not None:
            _note(context, candidate.lever, candidate.scope, f"frozen: {state.frozen}")
        elif _experiments_today(context) >= context.policy.experiments_a_day:
            _note(context, candidate.lever, candidate.scope, "budget")
        elif aa_is_due(context):
            if not dry:
                register_aa(context)
            did.append("would: try aa" if dry else "registered: aa")
        elif dry:
            _note(context, candidate.lever, candidate.scope, "dry_run")
            did.append(f"would: try {candidate.lever}")
        else:
            did += _try(context, screen, screened)
    return did


def _anything_to_go_by(context: Context) -> bool:
    window = context.window
    return bool(window.asked or window.suggestions or window.checks) or AGENT in context.world.tuning.base()


def _ask_for(context: Context, screened: Screened, *, dry: bool = False) -> list[str]:
    """A document waits for a person, and for no experiment."""
    if dry:
        return [f"would: propose {screened.candidate.lever}"]
    if documents_left(context) <= 0 or displaces_too_much(context, screened.candidate):
        return []
    return [f"proposed: {change_name(register(context, screened))}"]


def _beside(context: Context, running: Experiment) -> list[str]:
    """What a person decides, and what can be decided at once, need not wait for what takes weeks. Only where the latter is kept,
    the experiment begins again when it is due; and where something that is wrong now promises more than it may still bring."""
    screen = Screen(context)
    found = propose(context, screen, beside=True, urgent=_may_give_way(context, running))
    did = [line for one in found if one.candidate.design is Design.APPROVAL for line in _ask_for(context, one)]
    if running.same or context.state.frozen is not None:
        return did
    at_once = next((one for one in found if one.candidate.design in AT_ONCE), None)
    if at_once is not None and at_once.gain >= context.policy.preempting_gain:
        return did + _try(context, screen, at_once)
    online = next((one for one in found if one.candidate.design is Design.INTERLEAVED), None)
    if online is None or online.gain <= hoped(context, running):
        return did
    give_way(context, running, online.candidate.lever)
    return [*did, f"{PREEMPTED}: {running.lever}", *_try(context, screen, online)]


def hoped(context: Context, running: Experiment) -> float:
    """What may yet come of an experiment: its mean so far and a standard error more, for the part of all requests that it speaks for."""
    observed = context.state.observed or {}
    pairs = int(observed.get("pairs", 0))
    mean = float(observed["mean"]) + PAIR_SPREAD / math.sqrt(pairs) if pairs else running.predicted.high
    return mean * (1.0 if running.share is None else running.share)


def _may_give_way(context: Context, running: Experiment) -> bool:
    """What acts on something wrong itself gives way to nothing of the kind, or two of them could take turns for ever."""
    lever = next((lever for lever in context.levers if lever.id == running.lever), None)
    room = _experiments_today(context) < context.policy.experiments_a_day
    return room and not running.same and context.state.frozen is None and not (lever is not None and lever.urgent)


def _try(context: Context, screen: Screen, screened: Screened) -> list[str]:
    experiment = register(context, replace(screened, head_start=screen.head_start(screened.candidate)))
    did = [f"registered: {experiment.lever}"]
    if experiment.design in AT_ONCE:
        decision = measure_at_once(context, experiment, screened)
        did.append(f"{decision.ruling}: {decision.reason}")
    return did


def _note(context: Context, lever: str, scope: str, reason: str) -> None:
    context.reasons[lever, scope] = reason
    if context.state.deferred.get((lever, scope)) != reason:
        context.record(RecordType.DEFERRED, {"lever": lever, "scope": scope, "reason": reason})


def _experiments_today(context: Context) -> int:
    return sum(
        context.is_within(_DAY, experiment.since)
        for experiment in context.state.experiments.values()
        if experiment.approval is not ApprovalClass.C
    )
