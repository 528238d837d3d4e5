"""What the loop knows of itself: a fold over the ledger, and nothing beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflow_cli.domain.improvement.change_text import BY_HAND, HARM
from workflow_cli.domain.improvement.experiment import AT_ONCE, Experiment, NotAnExperiment, experiment_from
from workflow_cli.domain.improvement.record import Reading, Record, RecordType

#: What was done about an intent that a person has to decide about first.
WAITS = "waits"
#: Why the loop is frozen where records are missing.
DAMAGED = "ledger_damaged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A promotion or roll-back that a person has to decide about, and the id of the draft."""

    experiment: Experiment
    intent: Record
    draft: str

    @property
    def is_promotion(self) -> bool:
        return self.intent.body.get("action") == "promote"

    @property
    def reason(self) -> str | None:
        """Why it is to be taken back."""
        return None if self.is_promotion else str(self.intent.body.get("reason"))


@dataclass(kw_only=True, slots=True)
class State:
    """`open_intent` is a mutation that was begun and neither finished nor undone.

    `finished` maps experiments to how and when they ended; `uses` counts how many experiments an item helped to decide; `deferred` is the
    last reason given for each lever and scope; `results` are what came of each that ended, as its change tells it; `carried_out` are approved documents with their figures, `measured` the figures
    also of those that were withdrawn; `harmful` are those of `rolled_back` that did harm, or that somebody would not have; `unrestored`
    those of which nothing was put back, as somebody had set it otherwise since;
    `waiting` are proposals that a person has to decide about, `held` what waits for a person before the settings are written, by
    experiment; `insisted` are those that a person would not have taken back, with who, why, and what speaks against it; `unsaid`: it is frozen, and no record says so yet.
    """

    running: Experiment | None = None
    probation: Experiment | None = None
    probation_since: float = 0.0
    promoted: Mapping[str, Any] | None = None
    open_intent: Record | None = None
    registered: int = 0
    experiments: dict[str, Experiment] = field(default_factory=dict)
    finished: dict[str, tuple[str, float]] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    rolled_back: list[str] = field(default_factory=list)
    harmful: set[str] = field(default_factory=set)
    unrestored: set[str] = field(default_factory=set)
    carried_out: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    measured: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    waiting: dict[str, Experiment] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)
    insisted: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    approved: dict[str, str] = field(default_factory=dict)
    vetoed: set[str] = field(default_factory=set)
    uses: Counter[str] = field(default_factory=Counter)
    deferred: dict[tuple[str, str], str] = field(default_factory=dict)
    findings: set[tuple[str, str, str]] = field(default_factory=set)
    checks: list[tuple[str, bool, float]] = field(default_factory=list)
    observed: Mapping[str, Any] | None = None
    frozen: str | None = None
    unsaid: bool = False
    first: float | None = None

    @property
    def cut_off(self) -> list[Experiment]:
        """What is ruled on in the cycle that registers it, and was not: the cycle is under way, or was interrupted."""
        begun = (one for one in self.experiments.values() if one.design in AT_ONCE and one.id not in self.finished)
        return [one for one in begun if one.id not in self.held]

    def after(self, record: Record) -> None:
        """Fold in one record; one that makes no sense where it stands changes nothing."""
        if self.first is None:
            self.first = record.at
        handler = _HANDLERS.get(record.type)
        if handler is not None:
            handler(self, record)


def state_of(reading: Reading) -> State:
    """A ledger with a gap leaves the loop frozen until a person says otherwise: what is missing may have mattered."""
    state = fold(reading.records)
    if reading.gaps and not any(r.type is RecordType.UNFREEZE for r in reading.records[reading.whole_from :]):
        state.unsaid = state.frozen is None
        state.frozen = state.frozen or DAMAGED
    return state


def fold(records: Iterable[Record]) -> State:
    state = State()
    for record in records:
        state.after(record)
    return state


def _experiment(state: State, record: Record) -> Experiment | None:
    return state.experiments.get(str(record.body.get("experiment")))


def _deferred(state: State, record: Record) -> None:
    body = record.body
    state.deferred[str(body.get("lever")), str(body.get("scope"))] = str(body.get("reason"))


def _finding(state: State, record: Record) -> None:
    body = record.body
    state.findings.add((str(body.get("lever")), str(body.get("scope")), str(body.get("text"))))


def _register(state: State, record: Record) -> None:
    try:
        experiment = experiment_from(record.body)
    except NotAnExperiment:
        return
    state.registered += 1
    state.experiments[experiment.id] = experiment
    state.deferred.pop((experiment.lever, experiment.scope), None)
    if experiment.document is not None:
        state.waiting[experiment.id] = experiment
    elif state.running is None and experiment.design not in AT_ONCE:
        state.running = experiment
        state.observed = None


def _intent(state: State, record: Record) -> None:
    state.open_intent = record


def _closed(state: State, record: Record) -> None:
    seq = record.body.get("intent")
    if state.open_intent is not None and seq == state.open_intent.seq:
        state.open_intent = None
    for id in [id for id, held in state.held.items() if held.intent.seq == seq]:
        del state.held[id]


def _recover(state: State, record: Record) -> None:
    experiment, intent = _experiment(state, record), state.open_intent
    known = None if experiment is None else state.held.get(experiment.id)
    if known is not None and known.intent.seq == record.body.get("intent"):
        intent = known.intent
    _closed(state, record)
    if record.body.get("did") != WAITS or experiment is None or intent is None:
        return
    state.held[experiment.id] = Held(experiment=experiment, intent=intent, draft=str(record.body.get("draft", "")))
    state.waiting.pop(experiment.id, None)
    if state.running is not None and state.running.id == experiment.id:
        state.running = None


def _observe(state: State, record: Record) -> None:
    experiment = _experiment(state, record)
    if experiment is None:
        return
    if experiment is state.running:
        state.observed = record.body
    items = record.body.get("items", ())
    if isinstance(items, list):
        state.uses.update(str(item) for item in items)


def _decide(state: State, record: Record) -> None:
    experiment = _experiment(state, record)
    if experiment is None:
        return
    state.finished[experiment.id] = (str(record.body.get("ruling")), record.at)
    figures = {name: value for name, value in record.body.items() if name not in ("experiment", "ruling")}
    state.results[experiment.id] = figures
    if experiment.document is not None and record.body.get("ruling") in ("keep", "abort"):
        state.measured[experiment.id] = figures
        if record.body.get("ruling") == "keep":
            state.carried_out[experiment.id] = record.body
    state.waiting.pop(experiment.id, None)
    if record.body.get("ruling") != "keep":
        state.held.pop(experiment.id, None)
    if state.running is not None and state.running.id == experiment.id:
        state.running = None


def _promote(state: State, record: Record) -> None:
    experiment = _experiment(state, record)
    if experiment is None:
        return
    state.kept.append(experiment.id)
    # Where the record of the decision is damaged, this one tells what it was.
    state.finished.setdefault(experiment.id, ("keep", record.at))
    state.results.setdefault(experiment.id, {})
    state.probation, state.probation_since, state.promoted = experiment, record.at, record.body


def _rollback(state: State, record: Record) -> None:
    experiment = _experiment(state, record)
    if experiment is None:
        return
    state.rolled_back.append(experiment.id)
    state.finished[experiment.id] = ("rolled_back", record.at)
    state.results[experiment.id] = {**state.measured.get(experiment.id, {}), "reason": record.body.get("reason")}
    state.carried_out.pop(experiment.id, None)
    state.insisted.pop(experiment.id, None)
    state.held.pop(experiment.id, None)
    if str(record.body.get("reason")).startswith((HARM, BY_HAND)):
        state.harmful.add(experiment.id)
    if record.body.get("restored") is False and record.body.get("reason") != BY_HAND:
        state.unrestored.add(experiment.id)
    if state.probation is not None and state.probation.id == experiment.id:
        state.probation = state.promoted = None


def _probation_end(state: State, record: Record) -> None:
    if state.probation is not None and record.body.get("experiment") == state.probation.id:
        state.probation = state.promoted = None


def _aa_check(state: State, record: Record) -> None:
    state.checks.append((str(record.body.get("check")), record.body.get("passed") is True, record.at))


def _approval(state: State, record: Record) -> None:
    experiment = _experiment(state, record)
    if experiment is not None and experiment.id in state.waiting:
        state.approved[experiment.id] = str(record.body.get("by"))


def _veto(state: State, record: Record) -> None:
    experiment = _experiment(state, record)
    if experiment is None:
        return
    if record.body.get("against") is not None:
        # Said of taking it back: from here on it is that person's, and no longer watched.
        state.insisted[experiment.id] = record.body
        state.held.pop(experiment.id, None)
        if state.probation is not None and state.probation.id == experiment.id:
            state.probation = state.promoted = None
        return
    state.vetoed.add(experiment.id)
    state.waiting.pop(experiment.id, None)
    if experiment.document is None:
        state.harmful.add(experiment.id)


def _freeze(state: State, record: Record) -> None:
    state.frozen, state.unsaid = str(record.body.get("reason")), False


def _unfreeze(state: State, _: Record) -> None:
    state.frozen = None


_HANDLERS = {
    RecordType.FINDING: _finding,
    RecordType.DEFERRED: _deferred,
    RecordType.REGISTER: _register,
    RecordType.INTENT: _intent,
    RecordType.APPLIED: _closed,
    RecordType.RECOVER: _recover,
    RecordType.OBSERVE: _observe,
    RecordType.DECIDE: _decide,
    RecordType.PROMOTE: _promote,
    RecordType.ROLLBACK: _rollback,
    RecordType.PROBATION_END: _probation_end,
    RecordType.AA_CHECK: _aa_check,
    RecordType.APPROVAL: _approval,
    RecordType.VETO: _veto,
    RecordType.FREEZE: _freeze,
    RecordType.UNFREEZE: _unfreeze,
}
