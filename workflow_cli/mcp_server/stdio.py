"""Stdin and stdout of the process as lines of the protocol, and of nothing else.

Whatever else in this process prints goes to stderr, and whatever reads gets nothing. No thread ever waits in a read,
so that a signal ends the server although its client has not closed the pipe.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import anyio
import anyio.lowlevel
from mcp.shared.message import SessionMessage
from mcp.types import jsonrpc_message_adapter
from pydantic import ValidationError

from workflow_cli.mcp_server.unreadable import refusals

_CHUNK = 65_536
#: What a pipe that is ready takes at once (PIPE_BUF is at least 512, and 4096 on Linux).
_PIECE = 512 if sys.platform == "darwin" else 4096
#: Longer messages end the connection: no tool takes as much.
MOST_LINE = 16 * 1024 * 1024


@contextmanager
def claimed() -> Iterator[tuple[int, int]]:
    """Descriptors of the real stdin and stdout; meanwhile their usual numbers lead nowhere and to stderr."""
    sys.stdout.flush()
    reading, writing = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.dup2(nowhere, 0)
        os.dup2(2, 1)
        yield reading, writing
    finally:
        sys.stdout.flush()
        os.dup2(reading, 0)
        os.dup2(writing, 1)
        for descriptor in (nowhere, reading, writing):
            os.close(descriptor)


@asynccontextmanager
async def streams(reading: int, writing: int) -> AsyncIterator[Any]:
    """What comes and goes over two descriptors, in the form the SDK takes. A line that is no message is answered here."""
    to_session, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    sent, from_session = anyio.create_memory_object_stream[SessionMessage](0)

    here = anyio.CancelScope()

    async def read() -> None:
        with here, to_session, sent.clone() as answers, suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async for line in LinesIn(reading):
                try:
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValidationError as error:
                    if line.strip():
                        for refusal in refusals(line, error):
                            await answers.send(SessionMessage(refusal))
                else:
                    await to_session.send(SessionMessage(message))

    async def write() -> None:
        out = TextOut(writing)
        with from_session:
            async for one in from_session:
                if here.cancel_called:
                    continue
                try:
                    await out.write(one.message.model_dump_json(by_alias=True, exclude_unset=True) + "\n")
                except OSError:
                    # The client reads no more: it has gone, whatever of it still holds the other end of stdin.
                    here.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(read)
        tasks.start_soon(write)
        yield received, sent


class LinesIn:
    """Iterate over it for the lines of a descriptor, until its end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    async def __aiter__(self) -> AsyncIterator[bytes]:
        begun: list[bytes] = []
        length = 0
        while data := await self._read():
            *lines, rest = data.split(b"\n")
            for line in lines:
                yield b"".join(begun) + line
                begun, length = [], 0
            begun.append(rest)
            length += len(rest)
            if length > MOST_LINE:
                print(f"error: a message of more than {MOST_LINE} bytes; the connection ends", file=sys.stderr)
                return
        if length:
            yield b"".join(begun)

    async def _read(self) -> bytes:
        await _ready(anyio.wait_readable, self._descriptor)
        return os.read(self._descriptor, _CHUNK)


class TextOut:
    """Writes to a descriptor without ever blocking the event loop on a reader that does not read."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    async def write(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            await _ready(anyio.wait_writable, self._descriptor)
            data = data[os.write(self._descriptor, data[:_PIECE]) :]


async def _ready(wait: Callable[[int], Awaitable[None]], descriptor: int) -> None:
    try:
        await wait(descriptor)
    except PermissionError:
        # A file or device: always ready, and no event loop can wait for it.
        await anyio.lowlevel.checkpoint()
