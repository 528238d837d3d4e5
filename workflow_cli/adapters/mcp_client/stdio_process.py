"""A server that is a program: it speaks on its standard streams, and ends with the session, whatever it does.

The SDK's own transport keeps a line of any length in memory and hands every line that is no message to its log. Here
lines and floods are bounded, and the program and all that it started are one process group, which is ended as one.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.mcp_client.server_config import ServerConfig

if TYPE_CHECKING:
    from anyio.abc import Process

#: A message longer than this ends the session.
MAX_LINE = 4 << 20
#: As does more than this without anything having been asked.
MAX_UNASKED = 16 << 20
#: What a program gets of the environment beside its own `env`: no tokens of others.
INHERITED = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT")
#: What is said of an answer that is there and is no message: half a character in it, bytes that are no UTF-8.
UNREADABLE = "its answer is no message that can be read"
#: Seconds for a program to end after its stdin was closed, and again after it was asked to.
_GRACE = 2.0
_POLL = 0.01
#: Seconds for what a program that has ended said on stderr to arrive; what it started may hold that open.
_LAST_WORDS = 0.5

#: Process groups that are still there. Whatever way the interpreter ends, they are ended with it.
_GROUPS: set[int] = set()


def program_environment(config: ServerConfig, environment: Mapping[str, str]) -> dict[str, str]:
    return {**{name: environment[name] for name in INHERITED if name in environment}, **config.env}


@asynccontextmanager
async def stdio_streams(
    config: ServerConfig, *, stderr: Callable[[bytes], None], tell: Callable[[str], None]
) -> AsyncIterator[Any]:
    """The streams of one run of the program, in the form the SDK takes.

    `stderr` gets what the program says there, and lines on stdout that are no messages; `tell` gets the reason where
    the session is ended from this side. Raises OSError where the program cannot be started.
    """
    import subprocess

    import anyio
    from mcp.shared.message import SessionMessage

    assert config.command is not None
    # Where time is up meanwhile, it is still ended below: nobody else waits for its end.
    with anyio.CancelScope(shield=True):
        process = await anyio.open_process(
            config.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=program_environment(config, os.environ),
            cwd=config.cwd,
            start_new_session=True,  # Ctrl-C is for this program, which then ends the server in order
        )
    _register(process.pid)
    to_session, from_server = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_server, from_session = anyio.create_memory_object_stream[SessionMessage](0)
    pipes = _Pipes(process, to_session, from_session, stderr, tell)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pipes.read)
            tasks.start_soon(pipes.write)
            tasks.start_soon(pipes.log)
            try:
                yield from_server, to_server
            finally:
                from_server.close()
                to_server.close()
                with anyio.CancelScope(shield=True):
                    await _end(process)
                tasks.cancel_scope.cancel()
    finally:
        # Reached in any case, even where the loop itself is being torn down.
        kill_group(process.pid)
        _close(process)
        for stream in (from_server, to_server, to_session, from_session):
            stream.close()


class _Pipes:
    """What goes to and fro between the program and the session."""

    def __init__(
        self,
        process: Process,
        to_session: Any,
        from_session: Any,
        stderr: Callable[[bytes], None],
        tell: Callable[[str], None],
    ) -> None:
        import anyio

        self._process = process
        self._to_session = to_session
        self._from_session = from_session
        self._stderr = stderr
        self._tell = tell
        self._unasked = 0
        self._silent = anyio.Event()

    async def read(self) -> None:
        """Each line of stdout that is a message goes to the session; its end, or a flood, ends the session."""
        import anyio

        assert self._process.stdout is not None
        rest = bytearray()
        with self._to_session, suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            async for chunk in self._process.stdout:
                self._unasked += len(chunk)
                rest += chunk
                if self._unasked > MAX_UNASKED or (len(rest) > MAX_LINE and b"\n" not in chunk):
                    self._tell("it sends more than any answer needs")
                    return
                if b"\n" in chunk:
                    *lines, last = bytes(rest).split(b"\n")
                    rest = bytearray(last)
                    for line in lines:
                        await self._deliver(line)
            # What it said last tells why it ended, and has to be there when that is told.
            with anyio.move_on_after(_LAST_WORDS):
                await self._silent.wait()

    async def _deliver(self, line: bytes) -> None:
        import mcp_types
        from mcp.shared.message import SessionMessage

        if not line.strip():
            return
        try:
            message = mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:
            # Something printed, by a library perhaps. It is no reason to give up on the server.
            self._stderr(b"stdout: " + line[:2000] + b"\n")
            if (id := _answered(line)) is not None:
                # Whoever waits for this answer gets no other.
                error = mcp_types.ErrorData(code=mcp_types.PARSE_ERROR, message=UNREADABLE)
                refusal = mcp_types.JSONRPCError(jsonrpc="2.0", id=id, error=error)
                await self._to_session.send(SessionMessage(refusal))
            return
        await self._to_session.send(SessionMessage(message))

    async def write(self) -> None:
        import anyio

        assert self._process.stdin is not None
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            async for message in self._from_session:
                self._unasked = 0
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await self._process.stdin.send(text.encode() + b"\n")
            return
        # The program reads no more: no answer will come either.
        self._to_session.close()

    async def log(self) -> None:
        import anyio

        assert self._process.stderr is not None
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            async for chunk in self._process.stderr:
                self._stderr(chunk)
        self._silent.set()


def _answered(line: bytes) -> int | str | None:
    """The id of the request that a line is the answer to, although it cannot be read as one; None for anything else."""
    import json

    try:
        content = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or "method" in content or not content.keys() & {"result", "error"}:
        return None
    id = content.get("id")
    return id if isinstance(id, (int, str)) and not isinstance(id, bool) else None


async def _end(process: Process) -> None:
    """Close its stdin, wait, ask it to end, wait, and end it with everything it started."""
    import anyio

    assert process.stdin is not None
    with suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdin.aclose()
    if not await _ended(process):
        _signal_group(process.pid, signal.SIGTERM)
        await _ended(process)
    # Also where the program itself has ended: what it started may have stayed.
    kill_group(process.pid)
    await _ended(process)


async def _ended(process: Process) -> bool:
    # Not process.wait(): that also waits for the pipes, which a child of the program may hold.
    import anyio

    deadline = anyio.current_time() + _GRACE
    while process.returncode is None:
        if anyio.current_time() >= deadline:
            return False
        await anyio.sleep(_POLL)
    return True


def _close(process: Process) -> None:
    # Nothing public closes the pipes where a child of the program still holds the other ends.
    transport = getattr(getattr(process, "_process", None), "_transport", None)
    if transport is not None:
        with suppress(PermissionError, RuntimeError):
            transport.close()


def _register(group: int) -> None:
    if not _GROUPS:
        atexit.register(_kill_all)
    _GROUPS.add(group)


def kill_group(group: int) -> None:
    """End a program and everything it started, at once."""
    _signal_group(group, signal.SIGKILL)
    _GROUPS.discard(group)


def _kill_all() -> None:
    for group in tuple(_GROUPS):
        kill_group(group)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
