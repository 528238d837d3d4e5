"""What the ledger tells: where the loop stands, what it did, and what came of it. Folded from records and nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.change_text import BY_HAND, VETO
from workflow_cli.domain.improvement.experiment import Experiment
from workflow_cli.domain.improvement.knobs import MUTED
from workflow_cli.domain.improvement.muted import Silence
from workflow_cli.domain.improvement.record import Reading, Record, RecordType
from workflow_cli.domain.improvement.state import State, state_of

#: Records of which a person wants to read; the others are bookkeeping.
TOLD = frozenset(
    {
        RecordType.REGISTER,
        RecordType.DECIDE,
        RecordType.PROMOTE,
        RecordType.ROLLBACK,
        RecordType.PROBATION_END,
        RecordType.AA_CHECK,
        RecordType.APPROVAL,
        RecordType.VETO,
        RecordType.FREEZE,
        RecordType.UNFREEZE,
        RecordType.RECOVER,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """What the hold-back showed of a change until its probation was over, in that many requests; `mean` and `interval` as in `Kept`."""

    until: float
    requests: int
    mean: float
    interval: tuple[float, float]
    pairs: int

    @property
    def net(self) -> tuple[float, float, float]:
        low, high = self.interval
        return self.mean * self.requests, low * self.requests, high * self.requests


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A change that was kept. `mean` and `interval` are of its experiment, of level 0.95; `requests` are all since.
    `watched` is None before its probation is over, and where nobody could compare anything in it.

    `state` is `kept`, `probation` or `rolled_back`; `why` says why it was taken back, `until` when, and `restored`
    whether something was put back: it was not where somebody else had set what it turned. `silences` are of
    the rules it muted. `against` is why it would be taken back, where a person has to agree to that and has not, or does
    not, and `insisted` then says who, and why.
    """

    experiment: Experiment
    at: float
    mean: float | None
    interval: tuple[float, float] | None
    e: float | None
    pairs: int
    state: str
    why: str | None = None
    until: float | None = None
    restored: bool = True
    requests: int = 0
    silences: tuple[Silence, ...] = ()
    against: str | None = None
    insisted: tuple[str, str] | None = None
    watched: Watched | None = None

    @property
    def is_left(self) -> bool:
        """Whether it was to be taken back, and somebody had set part of it otherwise, so that nothing was written."""
        return self.state == "rolled_back" and not self.restored and self.why != BY_HAND

    @property
    def touched(self) -> float | None:
        """For how many requests those since count, by the part that the pairs spoke for; None where that was not registered."""
        return None if self.experiment.share is None else self.experiment.share * self.requests

    @property
    def net(self) -> tuple[float, float, float] | None:
        """Utility gained while it was compared with what was there before, with both ends of its interval; None where it was not,
        nothing for what was taken back, or would have been. What it gains afterwards nobody measures: the world may be another."""
        if self.state == "rolled_back" or self.against is not None:
            return 0.0, 0.0, 0.0
        return None if self.watched is None else self.watched.net


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A document that a person said no to."""

    experiment: Experiment
    by: str
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """`documents` are those that were carried out and are there, `withdrawn` those that the loop took back, each with its
    figures, of which `reason` says why. `reverts` counts what was not kept otherwise, by why it ended. `calibration`: how many measured means were within
    what had been expected, and of how many, of all experiments that were measured and not only of those that were kept.
    `unread` are lines of the ledger that do not count."""

    state: State
    since: float | None
    kept: Sequence[Kept]
    documents: Sequence[tuple[Experiment, Mapping[str, Any]]]
    reverts: Mapping[str, int]
    checks: Mapping[str, tuple[int, int]]
    deferred: Mapping[tuple[str, str], str]
    withdrawn: Sequence[tuple[Experiment, Mapping[str, Any]]] = ()
    refused: Sequence[Refused] = ()
    calibration: tuple[int, int] = (0, 0)
    unread: Mapping[str, int] = field(default_factory=dict)
    gaps: int = 0

    @property
    def experiments(self) -> int:
        return sum(not e.same and e.document is None for e in self.state.experiments.values())

    @property
    def rolled_back(self) -> int:
        return sum(kept.state == "rolled_back" for kept in self.kept)

    @property
    def muted(self) -> list[str]:
        """The rules that the loop muted and did not take back; a person may have switched them on since."""
        return list(dict.fromkeys(r for k in self.kept if k.state != "rolled_back" for r in _muted_by(k.experiment)))

    @property
    def net(self) -> tuple[float, float, float]:
        """Utility gained, and both ends of its interval: of means that are independent, so half their widths add up as squares."""
        known = [kept.net for kept in self.kept if kept.net is not None]
        total = sum(net[0] for net in known)
        low = math.sqrt(sum((net[0] - net[1]) ** 2 for net in known))
        high = math.sqrt(sum((net[2] - net[0]) ** 2 for net in known))
        return total, total - low, total + high

    @property
    def unknown(self) -> int:
        """Changes that were kept and not compared with what was there before, or not yet to the end."""
        return sum(kept.net is None for kept in self.kept)

    @property
    def standing(self) -> str:
        """In one word, as nobody is at it."""
        return self.standing_while(under_way=False)

    def standing_while(self, *, under_way: bool) -> str:
        """The same while a cycle may be under way: what it has begun is then not interrupted."""
        if self.state.frozen is not None:
            return "stopped" if self.state.frozen.startswith("stopped") else "frozen"
        begun = self.state.open_intent is not None or bool(self.state.cut_off)
        if begun and not under_way:
            return "interrupted"
        if self.state.running is not None or self.state.cut_off:
            return "measuring"
        return "probation" if self.state.probation is not None else "idle"


#: A mean of fewer pairs is none.
_LEAST_MEASURED = 8


def story_of(
    reading: Reading,
    *,
    requests: Callable[[str, float], int] = lambda _scope, _since: 0,
    silence: Callable[[str, float], Silence] | None = None,
) -> Story:
    """`requests` tells how many questions of a scope were asked since a moment, as far as the log reaches; `silence` what a
    rule that was muted at a moment would have said."""
    state = state_of(reading)
    decided: dict[str, Mapping[str, Any]] = {}
    promoted: dict[str, float] = {}
    ended: dict[str, tuple[str, float, bool]] = {}
    watched: dict[str, Record] = {}
    for record in reading.records:
        id = str(record.body.get("experiment"))
        if record.type is RecordType.DECIDE:
            decided[id] = record.body
        elif record.type is RecordType.PROMOTE:
            promoted[id] = record.at
        elif record.type is RecordType.ROLLBACK:
            ended[id] = str(record.body.get("reason")), record.at, record.body.get("restored") is True
        elif record.type is RecordType.PROBATION_END:
            watched[id] = record
    kept = [
        _kept(state, state.experiments[id], at, decided.get(id, {}), ended.get(id), requests, silence, watched.get(id))
        for id, at in promoted.items()
        if id in state.experiments
    ]
    reverts = Counter(
        str(decided.get(id, {}).get("reason", ruling)).partition(":")[0]
        for id, (ruling, _) in state.finished.items()
        if ruling not in ("keep", "rolled_back", VETO) and not state.experiments[id].same
    )
    checks: dict[str, tuple[int, int]] = {}
    for name, passed, _ in state.checks:
        good, total = checks.get(name, (0, 0))
        checks[name] = (good + passed, total + 1)
    return Story(
        state=state,
        since=state.first,
        kept=kept,
        documents=_documents(state, state.carried_out),
        withdrawn=_documents(state, [id for id in dict.fromkeys(state.rolled_back) if id in state.measured]),
        refused=[
            _refused(state.experiments[id], decided.get(id, {}))
            for id, (ruling, _) in state.finished.items()
            if ruling == VETO
        ],
        reverts=dict(reverts),
        checks=checks,
        deferred=dict(state.deferred),
        calibration=_calibration(state, decided),
        unread=dict(reading.set_aside),
        gaps=reading.gaps,
    )


def _documents(state: State, ids: Iterable[str]) -> list[tuple[Experiment, Mapping[str, Any]]]:
    """With their figures. What changes settings is among what was kept."""
    found = [state.experiments[id] for id in ids]
    return [(experiment, state.results[experiment.id]) for experiment in found if not experiment.is_advice]


def _refused(experiment: Experiment, said: Mapping[str, Any]) -> Refused:
    # An earlier version wrote down who, as the reason, and not why.
    by = said.get("by", said.get("reason", ""))
    return Refused(experiment=experiment, by=str(by), because=str(said.get("because", "")))


def _calibration(state: State, decided: Mapping[str, Mapping[str, Any]]) -> tuple[int, int]:
    within = of = 0
    for id, numbers in decided.items():
        experiment = state.experiments.get(id)
        mean, pairs = numbers.get("mean"), numbers.get("pairs")
        if experiment is None or experiment.expected is None or not isinstance(mean, int | float):
            continue
        if isinstance(pairs, int) and pairs >= _LEAST_MEASURED:
            of += 1
            within += mean in experiment.expected
    return within, of


def _kept(
    state: State,
    experiment: Experiment,
    at: float,
    numbers: Mapping[str, Any],
    ended: tuple[str, float, bool] | None,
    requests: Callable[[str, float], int],
    silence: Callable[[str, float], Silence] | None,
    watched: Record | None,
) -> Kept:
    interval = numbers.get("interval")
    held, insisted = state.held.get(experiment.id), state.insisted.get(experiment.id)
    standing = "kept"
    if experiment.id in state.rolled_back:
        standing = "rolled_back"
    elif state.probation is not None and state.probation.id == experiment.id:
        standing = "probation"
    return Kept(
        experiment=experiment,
        at=at,
        mean=numbers.get("mean"),
        interval=tuple(interval) if isinstance(interval, list) and len(interval) == 2 else None,
        e=numbers.get("e"),
        pairs=int(numbers.get("pairs", 0)),
        state=standing,
        why=None if ended is None else ended[0],
        until=None if ended is None else ended[1],
        restored=ended is None or ended[2],
        requests=requests(ANY_KIND, at),
        silences=tuple(silence(rule, at) for rule in _muted_by(experiment))
        if silence and standing != "rolled_back"
        else (),
        against=str(insisted.get("against")) if insisted else held.reason if held else None,
        insisted=(str(insisted.get("by")), str(insisted.get("because"))) if insisted else None,
        watched=None if watched is None else _watched(experiment, at, watched, requests),
    )


def _watched(
    experiment: Experiment, since: float, end: Record, requests: Callable[[str, float], int]
) -> Watched | None:
    mean, interval, pairs = (end.body.get(name) for name in ("mean", "interval", "pairs"))
    if not isinstance(mean, int | float) or not isinstance(interval, list) or len(interval) != 2 or not pairs:
        return None
    return Watched(
        until=end.at,
        requests=max(0, requests(experiment.scope, since) - requests(experiment.scope, end.at)),
        mean=mean,
        interval=(interval[0], interval[1]),
        pairs=int(pairs),
    )


def _muted_by(experiment: Experiment) -> list[str]:
    before = experiment.before.get(MUTED) or ()
    return [rule for rule in experiment.changes.get(MUTED) or () if rule not in before]


def told(records: Sequence[Record]) -> list[Record]:
    """Those that a person wants to read of."""
    return [record for record in records if record.type in TOLD]
