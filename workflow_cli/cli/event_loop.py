"""Running what waits for servers, so that Ctrl-C and SIGTERM end it in good order: cancelled, closed, then gone."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

_Result = TypeVar("_Result")
_ENDING = (signal.SIGINT, signal.SIGTERM)


def run_async(work: Callable[[], Awaitable[_Result]]) -> _Result:
    """What `work` returns. Where a signal came, `work` is cancelled, and what the signal means is raised after it
    has ended."""
    import anyio

    # What is ignored stays so: `nohup`, and a shell that starts a job in the background, mean it.
    listened = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    signals: list[int] = []
    result: list[_Result] = []

    async def guarded() -> None:
        async with anyio.create_task_group() as group:

            async def listen() -> None:
                # In a loop a handler that raises could raise anywhere, and the loop would swallow it.
                with anyio.open_signal_receiver(*listened) as received:
                    async for number in received:
                        signals.append(number)
                        group.cancel_scope.cancel()
                        return

            group.start_soon(listen)
            failed: Exception | None = None
            try:
                result.append(await work())
            except Exception as error:
                failed = error  # raised outside, where it is not wrapped in a group
            group.cancel_scope.cancel()
        if failed is not None:
            raise failed

    before = {number: signal.getsignal(number) for number in listened}
    try:
        anyio.run(guarded)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for received in signals:
            signal.raise_signal(received)
    return result[0]
