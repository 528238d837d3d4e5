"""Runs the product's loop, or a control, in a world: serves requests, writes events, lets the loop work after each cycle."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Protocol

from bench.improvement.world import Request, Served, World
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.context import World as Ports
from workflow_cli.app.improve.cycle import run_cycle
from workflow_cli.app.improve.ports import HumanDecision
from workflow_cli.domain.improvement.arms import Assignment, Draw, Overlay, assign, overlay_from
from workflow_cli.domain.improvement.experiment import Design, Experiment
from workflow_cli.domain.improvement.lever import Lever
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.observation import Outcome
from workflow_cli.domain.improvement.policy import LoopPolicy
from workflow_cli.domain.improvement.record import Reading, Record, RecordType, read_lines, seal
from workflow_cli.domain.improvement.replayed import Replayed
from workflow_cli.domain.improvement.setting_values import fingerprint
from workflow_cli.domain.improvement.utility import Worth

EPOCH = 1_700_000_000.0 // 86400 * 86400


class VirtualClock:
    def __init__(self) -> None:
        self.at = EPOCH

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def elapsed(self) -> float:
        return self.at - EPOCH


class EventList:
    def __init__(self) -> None:
        self.events: list[dict[str, Any] | None] = []

    def read(self, position: int) -> tuple[Sequence[Mapping[str, Any] | None], int]:
        return self.events[position:], len(self.events)


class SettingsBytes:
    """Settings as the bytes of a file, so that what a rollback gives back can be compared byte by byte."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.data = json.dumps(dict(settings), indent=2).encode()
        self._overlay: bytes | None = None
        self._promotions: dict[str, dict[str, Any]] = {}
        self.rollbacks: list[bool] = []

    def base(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.data)
        return found

    def written(self, changes: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return {}, {}

    def fingerprint(self) -> str:
        return fingerprint(self.data.decode())

    def staged(self) -> Overlay | None:
        return None if self._overlay is None else overlay_from(json.loads(self._overlay))

    def stage(self, overlay: Overlay | None) -> None:
        self._overlay = None if overlay is None else json.dumps(overlay.as_json()).encode()

    def obstacle(self, changes: Mapping[str, Any]) -> str | None:
        return None

    def is_written(self, experiment: Experiment) -> bool:
        return experiment.id in self._promotions

    def promote(self, experiment: Experiment) -> Mapping[str, Any]:
        if experiment.id not in self._promotions:
            before = self.data
            self.data = json.dumps({**self.base(), **experiment.changes}, indent=2).encode()
            self._promotions[experiment.id] = {"before": before.decode(), "after": self.fingerprint()}
        return self._promotions[experiment.id]

    def restore(self, experiment: Experiment, promotion: Mapping[str, Any]) -> bool:
        if self.fingerprint() != promotion["after"]:
            return False
        before = str(promotion["before"]).encode()
        self.data = before
        self.rollbacks.append(all(self.base().get(n) == v for n, v in experiment.before.items()))
        return True


class AsWorld:
    """The world as answerers: replays are requests of nobody."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.calls = 0

    def replay(self, question: str, kind: str, settings: Mapping[str, Any]) -> Replayed | None:
        self.calls += 1
        return _replayed(self._world.replay(_of_nobody(question, kind), settings))

    def passages(self, question: str, kind: str, settings: Mapping[str, Any]) -> Replayed | None:
        return _replayed(self._world.passages(_of_nobody(question, kind), settings))

    def supposing(self, document: Mapping[str, Any], settings: Mapping[str, Any]) -> Supposed | None:
        found = self._world.supposing(document)
        return None if found is None else Supposed(*found, settings)

    def wording(self, question: str) -> str | None:
        return question

    def sections(self) -> Mapping[str, str]:
        return self._world.sections()


class Supposed:
    """A world with a requirement more."""

    def __init__(self, world: World, made: Sequence[str], settings: Mapping[str, Any]) -> None:
        self._there = AsWorld(world)
        self.made = made
        self._settings = settings

    def passages(self, question: str) -> Sequence[str] | None:
        found = self._there.passages(question, "lookup", self._settings)
        return None if found is None else found.cites

    def close(self) -> None: ...


def _of_nobody(question: str, kind: str) -> Request:
    return Request(at=0.0, kind=kind, question=question, cluster="", client="loop")


def _replayed(served: Served | None) -> Replayed | None:
    if served is None:
        return None
    return Replayed(outcome=Outcome(served.outcome), cites=tuple(served.cites), ms=served.ms)


class Person:
    """Decides about drafted documents as the world says, and sees what the loop opens and closes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.open_documents: dict[str, Experiment] = {}
        self.written: dict[str, Sequence[str]] = {}

    def open(self, experiment: Experiment) -> None:
        if experiment.document is not None:
            self.open_documents[experiment.id] = experiment

    def close(self, experiment: Experiment, ruling: str, numbers: Mapping[str, Any]) -> None:
        self.open_documents.pop(experiment.id, None)

    def decisions(self) -> Mapping[str, HumanDecision]:
        said = {id: self._world.decide(e.document or {}) for id, e in self.open_documents.items()}
        return {
            id: HumanDecision(agreed=agreed, by="a person", because="as the world says")
            for id, agreed in said.items()
            if agreed is not None
        }

    def obstacle(self, experiment: Experiment) -> str | None:
        return None

    def is_replaced(self, experiment: Experiment) -> bool:
        return False

    def carry_out(self, experiment: Experiment) -> Sequence[str]:
        if experiment.id not in self.written:
            self.written[experiment.id] = self._world.write(experiment.document or {})
        return self.written[experiment.id]

    def is_undone(self, experiment: Experiment) -> bool:
        return False

    def withdraw(self, experiment: Experiment) -> None:
        del self.written[experiment.id]
        self._world.unwrite(experiment.document or {})


class MemoryLedger:
    def __init__(self) -> None:
        self.records: list[Record] = []

    def read(self) -> Reading:
        return read_lines([record.line for record in self.records])

    def append(self, type: RecordType, body: Mapping[str, Any], *, at: float) -> Record:
        record = seal(self.records[-1] if self.records else None, type, body, at=at)
        self.records.append(record)
        return record


class Player(Protocol):
    """The loop, or a control: what requests are answered with, and what it does after a cycle."""

    def settings(self) -> Mapping[str, Any]: ...
    def assign(self, kind: str, number: int, at: float) -> Assignment: ...
    def work(self, cycle: int) -> None: ...


@dataclass(kw_only=True)
class Kept:
    """A change of settings that was made to last, and what it changed."""

    cycle: int
    lever: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


class LoopPlayer:
    """The real thing; with `levers` instead of its own, for controls."""

    def __init__(
        self,
        world: World,
        events: EventList,
        policy: LoopPolicy | None = None,
        *,
        levers: Sequence[Lever] | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.tuning = SettingsBytes(world.settings)
        self.person = Person(world)
        self.answerers = AsWorld(world)
        self.ledger = MemoryLedger()
        chance = Random(f"salt/{world.seed}")
        policy = policy or LoopPolicy(worth=Worth(limits=world.limits))
        self.context = Context(
            world=Ports(
                clock=self.clock,
                traffic=events,
                tuning=self.tuning,
                answerers=self.answerers,
                proposals=self.person,
                ledger=self.ledger,
            ),
            policy=policy,
            levers=all_levers() if levers is None else levers,
            make_salt=lambda: f"{chance.getrandbits(64):016x}",
        )
        self._seconds = world.seconds
        self.kept: list[Kept] = []
        self.spent: list[float] = []

    def settings(self) -> Mapping[str, Any]:
        return self.tuning.base()

    def assign(self, kind: str, number: int, at: float) -> Assignment:
        return assign(self.tuning.staged(), kind, number, at)

    def work(self, cycle: int) -> None:
        self.clock.at = EPOCH + (cycle + 1) * self._seconds
        before, promoted = self.tuning.base(), len(self.context.state.kept)
        started = time.perf_counter()
        run_cycle(self.context)
        self.spent.append(time.perf_counter() - started)
        for id in self.context.state.kept[promoted:]:
            lever = self.context.state.experiments[id].lever
            self.kept.append(Kept(cycle=cycle, lever=lever, before=before, after=self.tuning.base()))


@dataclass(kw_only=True)
class Run:
    """What happened in one world, by cycle: the mean utility of what was served, the settings in force while it was served,
    and those of the other arm where there was one.
    """

    world: World
    player: Player
    utilities: list[float] = field(default_factory=list)
    settings: list[Mapping[str, Any]] = field(default_factory=list)
    treatments: list[Mapping[str, Any] | None] = field(default_factory=list)
    events: EventList = field(default_factory=EventList)


def run(world: World, make: Callable[[World, EventList], Player]) -> Run:
    log = EventList()
    player = make(world, log)
    result = Run(world=world, player=player, events=log)
    numbers: dict[str, int] = {}
    for cycle in range(world.cycles):
        world.shift(cycle)
        happened: list[dict[str, Any]] = []
        total = count = 0.0
        edits = list(world.edits(cycle))
        cached_overlay = _Cached(player)
        result.settings.append(cached_overlay.base)
        result.treatments.append(cached_overlay.treatment)
        for request in world.requests(cycle):
            while edits and edits[0][0] <= request.at:
                at, sections = edits.pop(0)
                world.edited(at, sections)
                happened.append(_edit_event(f"e{cycle}.{len(happened)}", at, sections))
            number = numbers[request.kind] = numbers.get(request.kind, -1) + 1
            assignment = cached_overlay.assign(request.kind, number, EPOCH + request.at)
            settings = {**cached_overlay.base, **assignment.changes} if assignment.changes else cached_overlay.base
            served = world.serve(request, settings)
            total += world.utility(request, served)
            count += 1
            happened += _events(f"{cycle}.{len(happened)}", request, served, assignment)
        for at, sections in edits:
            world.edited(at, sections)
            happened.append(_edit_event(f"e{cycle}.{len(happened)}", at, sections))
        log.events += world.lines(happened)
        result.utilities.append(total / max(1.0, count))
        player.work(cycle)
    return result


class _Cached:
    """Settings and overlay do not change within a cycle."""

    def __init__(self, player: Player) -> None:
        self.base = player.settings()
        tuning = getattr(player, "tuning", None)
        self._overlay = tuning.staged() if tuning is not None else None
        self._player = None if tuning is not None else player
        changed = self._overlay is not None and self._overlay.draw is not Draw.HOLDBACK
        self.treatment = {**self.base, **self._overlay.changes} if changed and self._overlay else None

    def assign(self, kind: str, number: int, at: float) -> Assignment:
        return self._player.assign(kind, number, at) if self._player else assign(self._overlay, kind, number, at)


def _edit_event(id: str, at: float, sections: Sequence[str]) -> dict[str, Any]:
    return {"event_id": id, "ts": EPOCH + at, "kind": "edit", "sections": list(sections)}


def _events(id: str, request: Request, served: Served, assignment: Assignment) -> list[dict[str, Any]]:
    event = {
        "event_id": id,
        "ts": EPOCH + request.at,
        "kind": "answer",
        "client": request.client,
        "question_kind": request.kind,
        "cluster": request.cluster,
        "question": request.question,
        "attempts": [
            {
                "answerer": call.answerer,
                "ok": call.failure is None,
                "ms": call.ms,
                "failure": call.failure,
                "queued_ms": call.queued_ms,
            }
            for call in served.calls
        ],
        "duration_ms": served.ms,
        "outcome": served.outcome,
        "cites": list(served.cites),
        "score": served.score,
        "cached": served.cached,
        "experiment": assignment.experiment,
        "arm": assignment.arm,
        "unit": assignment.unit,
    }
    if served.verdict is None:
        return [event]
    said = {
        "event_id": f"{id}v",
        "ts": EPOCH + request.at + 60,
        "kind": "feedback",
        "client": served.judge or request.client,
        "answer_id": id,
        "accepted": served.verdict,
        "reference": list(served.reference),
        "answer": served.answer,
    }
    return [event, said]


def experiments(player: LoopPlayer) -> list[Experiment]:
    return [e for e in player.context.state.experiments.values() if e.design is not Design.APPROVAL]
