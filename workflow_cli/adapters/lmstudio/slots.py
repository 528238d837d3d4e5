"""How many requests each server works on at once, and which is the next to get one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager


class Slots:
    """Free places by server. Whoever waits is served in turn, by the first server that suits."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        self._waiting: deque[tuple[asyncio.Future[str], Mapping[str, int]]] = deque()

    def taken(self, server: str) -> int:
        return self._taken.get(server, 0)

    @asynccontextmanager
    async def one_of(self, limits: Mapping[str, int]) -> AsyncIterator[str]:
        """A place at the server with the most free ones, the first of them where several have as many.

        `limits` tells for each server that would do how many requests it takes at once.
        """
        server = await self._take(limits)
        try:
            yield server
        finally:
            self._release(server)

    async def _take(self, limits: Mapping[str, int]) -> str:
        server = self._freest(limits)
        if server is not None:
            self._taken[server] = self.taken(server) + 1
            return server
        turn: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waiting = (turn, limits)
        self._waiting.append(waiting)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release(turn.result())  # it was given a place in the very moment it gave up
            else:
                self._waiting.remove(waiting)
            raise

    def _freest(self, limits: Mapping[str, int]) -> str | None:
        server = max(limits, key=lambda name: limits[name] - self.taken(name))
        return server if self.taken(server) < limits[server] else None

    def _release(self, server: str) -> None:
        self._taken[server] -= 1
        for waiting in self._waiting:
            turn, limits = waiting
            if self.taken(server) < limits.get(server, 0) and not turn.done():
                self._taken[server] += 1
                self._waiting.remove(waiting)
                turn.set_result(server)
                return
