"""What the steps of a cycle share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflow_cli.app.improve.portions import portions
from workflow_cli.domain.events.disorder import DISORDER_SECONDS
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.policy import LoopPolicy
from workflow_cli.domain.improvement.state import State, fold, state_of
from workflow_cli.domain.improvement.summary import Summary, summarise
from workflow_cli.domain.improvement.window import Window

if TYPE_CHECKING:
    from workflow_cli.app.improve.coding import Coder
    from workflow_cli.app.improve.ports import Answerers, Ledger, Proposals, Repairs, Traffic, Tuning
    from workflow_cli.app.improve.rewrite import Rewriter
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.improvement.lever import Lever
    from workflow_cli.domain.improvement.record import Record, RecordType

_DAY = 86400.0


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """The ports. `repairs` is None in worlds without documents, `coder` in those without code, `rewriter` where nobody asked for one."""

    clock: Clock
    traffic: Traffic
    tuning: Tuning
    answerers: Answerers
    proposals: Proposals
    ledger: Ledger
    repairs: Repairs | None = None
    coder: Coder | None = None
    rewriter: Rewriter | None = None


@dataclass(kw_only=True)
class Context:
    """One loop. State is folded from the ledger when it starts, and then record by record as they are written.

    `make_salt` is chance, so that a run can be repeated where it is given. `screened` remembers with how much evidence a candidate was last looked at, so that it is not asked again for nothing. `told` is the number of the
    ledger's last record that a cycle told somebody of, None where nothing is known of that. `reasons` are those for which this cycle proposes nothing. `obstructed`: something could be tried, if somebody's edit of the settings were not in the way.
    """

    world: World
    policy: LoopPolicy = field(default_factory=LoopPolicy)
    levers: Sequence[Lever] = field(default_factory=all_levers)
    window: Window = field(default_factory=Window)
    position: int = 0
    screened: dict[str, int] = field(default_factory=dict)
    replays: list[float] = field(default_factory=list)
    obstructed: bool = False
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)
    told: int | None = None
    make_salt: Callable[[], str] = field(default=lambda: os.urandom(8).hex())
    _state: State | None = None
    _told_state: State | None = None
    _summary: Summary | None = None

    @property
    def state(self) -> State:
        if self._state is None:
            reading = self.world.ledger.read()
            self._state = state_of(reading)
            if self.told is not None and reading.last is not None and reading.last.seq > self.told:
                self._told_state = fold(record for record in reading.records if record.seq <= self.told)
        return self._state

    @property
    def told_state(self) -> State:
        """The state that the last cycle told: what came after it was done by one that could not say so any more."""
        state = self.state
        return state if self._told_state is None else self._told_state

    @property
    def now(self) -> float:
        return self.world.clock.now().timestamp()

    def is_within(self, seconds: float, at: float) -> bool:
        """Whether a moment is less than so long ago. One that is as far ahead is none: the clock was wrong when it was noted."""
        return abs(self.now - at) < seconds

    def replays_today(self) -> list[float]:
        """When questions were asked again within a day; what is older is forgotten."""
        self.replays = [at for at in self.replays if self.is_within(_DAY, at)]
        return self.replays

    def record(self, type: RecordType, body: Mapping[str, Any]) -> Record:
        """On the disk first, then in memory."""
        state = self.state
        record = self.world.ledger.append(type, body, at=self.now)
        state.after(record)
        return record

    def watch(self) -> int:
        """Take in the events since the last time; how many there were."""
        self.window.latest = self.now + DISORDER_SECONDS
        count = 0
        for records, end in portions(self.world.traffic, self.position):
            for record in records if self._needs_all else records[-self.policy.most_events :]:
                self.window.add(record)
            count += len(records)
            self.position = end
        self.window.forget_before(self.now - self.policy.reach)
        self._summary = None
        return count

    @property
    def _needs_all(self) -> bool:
        """What is under way is judged by every event since it began; what is not, by the newest."""
        return self.state.running is not None or self.state.probation is not None

    @property
    def summary(self) -> Summary:
        if self._summary is None:
            self._summary = self._summarise(self.policy.most_requests)
        return self._summary

    @property
    def views(self) -> tuple[Summary, ...]:
        """All that counts, and where that is more than the last few cycles, these by themselves."""
        if len(self.summary.requests) <= 1.5 * self.policy.recent_requests:
            return (self.summary,)
        return (self.summary, self._summarise(self.policy.recent_requests))

    def _summarise(self, most: int) -> Summary:
        answerers = self.world.answerers
        return summarise(
            self.window,
            self.policy.worth,
            now=self.now,
            most=most,
            sections=answerers.sections(),
            wording=answerers.wording,
        )
