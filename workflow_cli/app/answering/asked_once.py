"""Identical questions under way are asked once: in this process, and by leases in all that share the state."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workflow_cli.app.answering.answer_json import kept_json, read_kept
from workflow_cli.app.answering.routing_ports import Held, Left, Taken
from workflow_cli.app.report import Degraded
from workflow_cli.domain.answering.answer import RouteStep, StepOutcome
from workflow_cli.domain.answering.route import UNDER_WAY

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import Begun
    from workflow_cli.app.answering.route_walk import Walk
    from workflow_cli.app.answering.routing_ports import Leases
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.answering.answer import Answer

#: How often another process is looked at that asks the same question, in seconds: at first, and at most.
_LOOK, _LOOK_AT_MOST = 0.02, 0.25


@dataclass(kw_only=True, slots=True)
class _Flight:
    """A question under way in this process, and what came of it; `answer` None with `over` was given up."""

    over: Any
    walk: Walk | None = None
    answer: Answer | None = None


class AskedOnce:
    """Lives in one event loop. `conclude` makes an answer of a walk that is over, None where nobody could judge."""

    def __init__(self, leases: Leases, clock: Clock, *, conclude: Callable[[Begun], Answer | None]) -> None:
        self._leases = leases
        self._clock = clock
        self._conclude = conclude
        self._flights: dict[str, _Flight] = {}

    def is_under_way(self, begun: Begun) -> bool:
        """Whether this process is at it."""
        return _key(begun) in self._flights

    async def answer(self, begun: Begun) -> tuple[Answer | None, bool]:
        """The answer, and whether somebody else had asked for it already. None where nobody could judge."""
        import anyio

        key = _key(begun)
        while (flight := self._flights.get(key)) is not None:
            with anyio.move_on_after(begun.walk.left):
                await flight.over.wait()
            if flight.answer is not None:
                return flight.answer, True
            if flight.walk is not None:
                begun.walk.failures, begun.walk.degraded = flight.walk.failures, flight.walk.degraded
                return None, True
            if begun.walk.left <= 0:
                break  # whoever asked gave up, or takes longer than this one may
        flight = self._flights[key] = _Flight(over=anyio.Event())
        try:
            flight.answer = await self._asked_alone(begun, key)
            flight.walk = begun.walk
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]
            flight.over.set()
        return flight.answer, False

    async def _asked_alone(self, begun: Begun, key: str) -> Answer | None:
        """The answer of the walk, unless another process is at it: then of that one."""
        import anyio

        walk = begun.walk
        if walk.quick():
            return self._conclude(begun)
        look, awaited = _LOOK, None
        while not isinstance(turn := self._leases.take(key, awaited=awaited), Taken):
            if isinstance(turn, Left):
                answer = _read(turn.result)
                if answer is not None:
                    step = RouteStep(
                        answerer=UNDER_WAY,
                        reason="another process was asking it",
                        milliseconds=(self._clock.elapsed() - begun.started) * 1000,
                        outcome=StepOutcome.ANSWERED,
                    )
                    return replace(answer, route=(step, *answer.route))
                awaited = None
                continue
            assert isinstance(turn, Held)
            awaited = turn.token
            if walk.left <= 0:
                walk.degraded.append(Degraded(what="route", why="another process was still asking it"))
                return self._conclude(begun)
            await anyio.sleep(min(look, max(walk.left, 0.001)))
            look = min(look * 1.5, _LOOK_AT_MOST)
        left_behind = False
        try:
            with self._renewed(key, turn.token):
                await walk.rest()
            answer = self._conclude(begun)
            if answer is not None:
                self._leases.finish(key, turn.token, json.dumps(kept_json(answer), ensure_ascii=True))
                left_behind = True
            return answer
        finally:
            if not left_behind:
                self._leases.release(key, turn.token)

    @contextmanager
    def _renewed(self, key: str, token: str) -> Iterator[None]:
        """Keep the lease alive. By a timer of the event loop: a task for each question takes as long as its lease does."""
        import asyncio

        loop = asyncio.get_running_loop()
        timer: asyncio.TimerHandle

        def wait() -> None:
            nonlocal timer
            timer = loop.call_later(self._leases.lasts / 3, renew)

        def renew() -> None:
            wait()
            self._leases.renew(key, token)

        wait()
        try:
            yield
        finally:
            timer.cancel()


def _key(begun: Begun) -> str:
    return begun.key + ",".join(begun.asked.answerers or ())


def _read(result: str) -> Answer | None:
    try:
        return read_kept(json.loads(result))
    except (ValueError, TypeError, KeyError):
        return None
