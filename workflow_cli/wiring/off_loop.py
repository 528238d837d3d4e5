"""Work that blocks, done in a thread while the event loop goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

_Made = TypeVar("_Made")

#: Threads for work that reads, checks or writes documents.
THREADS = 16


class Stopped(Exception):
    """The caller has gone; what was under way in a thread ends at its next step."""


#: Called before a step, it raises Stopped where nobody waits for the work any more.
GoOn = Callable[[], None]


async def in_thread(work: Callable[[], _Made], *, limiter: anyio.CapacityLimiter) -> _Made:
    """Do `work` off the event loop. A cancelled call returns at once, and the thread ends by itself."""
    return await anyio.to_thread.run_sync(work, abandon_on_cancel=True, limiter=limiter)


async def in_steps(work: Callable[[GoOn], _Made], *, limiter: anyio.CapacityLimiter) -> _Made:
    """As `in_thread`, for work that calls what it is given before each of its steps, and so ends when its caller has gone."""
    stop = threading.Event()

    def go_on() -> None:
        if stop.is_set():
            raise Stopped

    try:
        return await in_thread(lambda: work(go_on), limiter=limiter)
    finally:
        stop.set()
