"""What the loop is held against: doing nothing, two common ways to fool oneself, and knowing the answer.

The controls see the same events and draw from the same levers. They change the settings for everybody, compare with the
time before, and keep what looks better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from bench.improvement.harness import EPOCH, EventList, Kept
from bench.improvement.world import World
from workflow_cli.domain.improvement.arms import Assignment
from workflow_cli.domain.improvement.experiment import Candidate, Design
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.summary import summarise
from workflow_cli.domain.improvement.utility import Worth, quality
from workflow_cli.domain.improvement.window import Window


class Static:
    """Does nothing."""

    def __init__(self, world: World, events: EventList) -> None:
        self._settings: Mapping[str, Any] = dict(world.settings)
        self.kept: list[Kept] = []

    def settings(self) -> Mapping[str, Any]:
        return self._settings

    def assign(self, kind: str, number: int, at: float) -> Assignment:
        return Assignment(changes={})

    def work(self, cycle: int) -> None:
        pass


class Oracle(Static):
    """Sets what the world says is best, at once."""

    def __init__(self, world: World, events: EventList) -> None:
        super().__init__(world, events)
        self._settings = dict(world.best() or world.settings)


class BeforeAfter(Static):
    """Tries a candidate on everybody for as many cycles as it looks back, and keeps it where `better` says so."""

    cycles = 2

    def __init__(self, world: World, events: EventList) -> None:
        super().__init__(world, events)
        self._world = world
        self._events = events
        self._window = Window()
        self._position = 0
        self._random = Random(f"control/{world.seed}")
        self._levers = all_levers()
        self._before: Mapping[str, Any] | None = None
        self._lever = ""
        self._since = 0

    def work(self, cycle: int) -> None:
        records, self._position = self._events.read(self._position)
        for record in records:
            self._window.add(record)
        if self._before is None:
            if cycle + 1 >= self.cycles + 2 and (candidate := self._candidate(cycle)) is not None:
                self._before, self._lever, self._since = self._settings, candidate.lever, cycle
                self._settings = {**self._settings, **candidate.changes}
            return
        if cycle - self._since < self.cycles:
            return
        after = self._observed(self._since + 1, cycle + 1)
        before = self._observed(self._since + 1 - self.cycles, self._since + 1)
        if self.better(before, after):
            self.kept.append(Kept(cycle=cycle, lever=self._lever, before=self._before, after=self._settings))
        else:
            self._settings = self._before
        self._before = None

    def _candidate(self, cycle: int) -> Candidate | None:
        now = EPOCH + (cycle + 1) * self._world.seconds
        seen = summarise(
            self._window, Worth(limits=self._world.limits), now=now, most=4000, sections=self._world.sections()
        )
        found = [
            proposal
            for lever in self._levers
            for proposal in lever.propose(seen, self._settings)
            if isinstance(proposal, Candidate) and proposal.design is not Design.APPROVAL
        ]
        return self._random.choice(found) if found else None

    def _observed(self, start: int, end: int) -> list[float]:
        worth = Worth(limits=self._world.limits)
        low, high = (EPOCH + cycle * self._world.seconds for cycle in (start, end))
        values = []
        for asked in self._window.asked:
            if low <= asked.at < high:
                known = quality(asked, self._window.verdicts.get(asked.id))
                if known is not None:
                    values.append(worth.utility(asked.kind, known, asked.ms))
        return values

    def better(self, before: Sequence[float], after: Sequence[float]) -> bool:
        return mann_whitney(before, after) < 0.05


class KeepIfMeanBetter(BeforeAfter):
    cycles = 1

    def better(self, before: Sequence[float], after: Sequence[float]) -> bool:
        return bool(before and after) and sum(after) / len(after) > sum(before) / len(before)


def mann_whitney(before: Sequence[float], after: Sequence[float]) -> float:
    """The one-sided p-value for `after` being larger, by the normal approximation without a correction for ties."""
    if not before or not after:
        return 1.0
    joined = sorted((value, side) for side, values in enumerate((before, after)) for value in values)
    ranks = 0.0
    place = 0
    while place < len(joined):
        end = place
        while end < len(joined) and joined[end][0] == joined[place][0]:
            end += 1
        ranks += (place + 1 + end) / 2 * sum(side for _, side in joined[place:end])
        place = end
    n, m = len(before), len(after)
    u = ranks - m * (m + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return 0.5 * math.erfc(z / math.sqrt(2))
