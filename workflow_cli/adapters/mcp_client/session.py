"""The connection to one server: opened, used and closed by one task, and opened anew where the server died."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from workflow_cli.adapters.mcp_client.definitions import Definition, definitions_of
from workflow_cli.adapters.mcp_client.http_streams import HTTP, UNUSABLE
from workflow_cli.adapters.mcp_client.sdk import client_of
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.outside_text import one_line

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

MAX_PAGES = 50
MAX_TOOLS = 512
_FIRST_DELAY, _LONGEST_DELAY = 0.2, 60.0
#: A session that lasted so many seconds was a good one; trying again begins with short delays.
_GOOD = 10.0
#: Seconds after which a server is asked again what tools it has.
_FRESH = 60.0
#: Seconds a call waits for a server that is just coming back, and for the SDK beyond its own time-out.
_WAIT_UP = 2.0
_SLACK = 2.0
#: What the SDK says, by code.
_TIMEOUT, _CLOSED, _INVALID = -32001, -32000, -32600
_LOST_SESSION = "session"
_ENDED = "the connection closed"


class _Refused(Exception):
    """The server works and must not be used; the message says why."""


class ServerSession:
    """One server. `run` is the owner task; every other method may be called from any task of the same loop.

    `transport` builds a fresh one for each attempt to connect; it is given a function to tell why it ended a session.
    `log` is the file with what this run of a program said: empty where it said nothing, None where it is no program.
    """

    def __init__(
        self,
        name: str,
        transport: Callable[[Callable[[str], None]], Any],
        *,
        where: str,
        connect_timeout: float,
        concurrency: int,
        log: Callable[[], str | None],
    ) -> None:
        self.name = name
        self.error: str | None = None
        self.server: str | None = None
        self._transport = transport
        self._where = where
        self._connect_timeout = connect_timeout
        self._log = log
        self._slots = asyncio.Semaphore(concurrency)
        self._client: Client | None = None
        self._tools: list[Definition] = []
        self._listed_at = -math.inf
        self._changed = asyncio.Event()
        self._attempts = 0
        self._drop = asyncio.Event()
        self._said: str | None = None
        self._listing = asyncio.Lock()

    async def run(self) -> None:
        """Connect, stay connected, connect again; until cancelled, which closes the connection in order."""
        delay = _FIRST_DELAY
        while True:
            started = time.monotonic()
            await self._once()
            delay = _FIRST_DELAY if time.monotonic() - started > _GOOD else min(delay * 2, _LONGEST_DELAY)
            await asyncio.sleep(delay * (0.5 + random.random()))

    async def _once(self) -> None:
        import anyio

        self._drop = asyncio.Event()
        self._said = None
        try:
            # First, outside the limit: this imports the SDK, and meanwhile the server does not even run.
            opening = client_of(self._transport(self._say), seconds=self._connect_timeout)
            with anyio.fail_after(self._connect_timeout) as limit:
                async with opening as client:
                    tools = await _listed(client)
                    limit.deadline = math.inf
                    self._up(client, tools)
                    await self._drop.wait()
        except TimeoutError:
            self._down("it did not start to answer in time")
        except BaseException as error:
            reason = _reason(error)
            if reason is None:
                raise
            self._down(self._said or reason)
        else:
            self._down(self._said or self.error or "the connection was lost")

    def _up(self, client: Client, tools: list[Definition]) -> None:
        self._client, self._tools, self._listed_at = client, tools, time.monotonic()
        self.error = None
        info = client.server_info
        self.server = one_line(f"{info.name} {info.version}", max_bytes=120) if info else None
        self._settle()

    def _down(self, reason: str) -> None:
        self._client = None
        self.error = one_line(self._with_log(reason.removeprefix(UNUSABLE)), max_bytes=300)
        self._settle()

    def _settle(self) -> None:
        """Wake everybody who waits for an attempt to connect to end."""
        self._attempts += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def _say(self, reason: str) -> None:
        self._said = reason
        self._drop.set()

    async def tools(self) -> list[Definition]:
        """What the server says it has now; waits for the first attempt to connect. Empty where it is down."""
        if self._attempts == 0:
            await self._changed.wait()
        client = self._client
        if client is not None and time.monotonic() - self._listed_at > _FRESH:
            async with self._listing:
                await self._list_again(client)
        return self._tools if self._client is not None else []

    async def _list_again(self, client: Client) -> None:
        if time.monotonic() - self._listed_at <= _FRESH:
            return  # another has just asked
        import anyio

        try:
            with anyio.fail_after(self._connect_timeout):
                self._tools, self._listed_at = await _listed(client), time.monotonic()
        except BaseException as error:
            if _reason(error) is None:
                raise
            self._lost(client, _reason(error) or "")

    async def call(self, tool: str, arguments: Mapping[str, Any], *, seconds: float) -> CallToolResult:
        """Raises AnswererFailed. Cancelling the call cancels it at the server."""
        import anyio

        client = await self._connected()
        async with self._slots:
            try:
                with anyio.fail_after(seconds + _SLACK):
                    return await client.call_tool(tool, dict(arguments), read_timeout_seconds=seconds)
            except TimeoutError:
                self._fail(FailureKind.TIMEOUT, f"{tool} took longer than {seconds:g} s")
            except Exception as error:
                self._sort(error, client, tool, seconds)

    async def _connected(self) -> Client:
        if self._client is None:
            try:
                async with asyncio.timeout(_WAIT_UP if self._attempts else self._connect_timeout):
                    await self._changed.wait()
            except TimeoutError:
                pass
        if self._client is None:
            self._fail(FailureKind.UNREACHABLE, self.error or "it is not connected", before_reply=True)
        return self._client

    def _sort(self, error: Exception, client: Client, tool: str, seconds: float) -> NoReturn:
        """Raise what a failed call means, and let go of a connection that is lost."""
        from mcp import MCPError

        text = one_line(_reason(error) or "", max_bytes=300)
        if not isinstance(error, MCPError):
            if self._client is not client:
                self._fail(FailureKind.UNREACHABLE, self.error or text)
            self._fail(FailureKind.BAD_REPLY, f"{tool}: {text}")
        if error.code == _TIMEOUT:
            self._fail(FailureKind.TIMEOUT, f"{tool} took longer than {seconds:g} s")
        if text.startswith(HTTP):
            self._fail(_OF_STATUS.get(text.removeprefix(HTTP)[:3], FailureKind.BAD_REPLY), f"it answered with {text}")
        if text.startswith(UNUSABLE):
            self._fail(FailureKind.BAD_REPLY, text.removeprefix(UNUSABLE))
        if self._said is not None and self._client is client:
            self._lost(client, self._said or text)
            self._fail(FailureKind.BAD_REPLY, self.error or text)
        if error.code == _CLOSED or (error.code == _INVALID and _LOST_SESSION in text.lower()):
            self._lost(client, text)
            lost = f"{text} in a call of {tool}" if text == _ENDED else self.error or text
            self._fail(FailureKind.UNREACHABLE, self._with_log(lost))
        self._fail(FailureKind.BAD_REPLY, f"{tool}: {text}")

    def _with_log(self, reason: str) -> str:
        log = self._log()
        if log:
            return f"{reason}; what it said is in {log}"
        return f"{reason}, and it said nothing on stderr" if log == "" and reason.startswith(_ENDED) else reason

    def _lost(self, client: Client, reason: str) -> None:
        if self._client is client:
            self._client = None
            self.error = one_line(reason, max_bytes=300)
            self._drop.set()

    def _fail(self, kind: FailureKind, message: str, *, before_reply: bool = False) -> NoReturn:
        raise AnswererFailed(
            kind,
            f"the MCP server {self.name} failed: {message}",
            where=self._where,
            hint=f"workflow mcp tools {self.name}",
            before_reply=before_reply,
        )


_OF_STATUS = {
    "401": FailureKind.UNAUTHORIZED,
    "403": FailureKind.UNAUTHORIZED,
    "429": FailureKind.OVERLOADED,
    "503": FailureKind.OVERLOADED,
    "502": FailureKind.UNREACHABLE,
    "504": FailureKind.TIMEOUT,
}


async def _listed(client: Client) -> list[Definition]:
    """Every tool, over all pages. Raises _Refused for a list without an end."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in page.tools]
        cursor = page.next_cursor
        if len(found) > MAX_TOOLS:
            raise _Refused(f"it lists more than {MAX_TOOLS} tools")
        if cursor is None:
            return definitions_of(found)
        if cursor in seen:
            break
        seen.add(cursor)
    raise _Refused("its list of tools does not end")


def _reason(error: BaseException) -> str | None:
    """Why connecting failed, in words; None for what is no failure of the server: a cancellation, an interrupt."""
    if isinstance(error, BaseExceptionGroup):
        if error.split(Exception)[1] is not None:
            return None
        reasons = [reason for reason in map(_reason, error.exceptions) if reason]
        return reasons[0] if reasons else str(error)
    if not isinstance(error, Exception):
        return None
    if isinstance(error, FileNotFoundError):
        return f"no such file or program: {error.filename}"
    if isinstance(error, PermissionError):
        return f"may not be run: {error.filename}"
    if type(error).__name__ == "ValidationError":  # of pydantic: long, and it quotes what the server sent
        return "it does not keep to the protocol"
    text = str(error) or type(error).__name__
    return _ENDED if text == "Connection closed" else text
