"""All configured servers as one box of tools: only approved servers are started, only allowed tools are there."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from workflow_cli.adapters.mcp_client.definitions import Definition, canonical, config_hash
from workflow_cli.adapters.mcp_client.pin_file import PinFile, Pinned
from workflow_cli.adapters.mcp_client.result_text import result_text, says_nothing
from workflow_cli.adapters.mcp_client.sdk import is_installed, what_is_missing
from workflow_cli.adapters.mcp_client.server_config import ServerConfig
from workflow_cli.adapters.mcp_client.stderr_log import StderrLog, UnkeptLog
from workflow_cli.app.answering.ports import Access, Tool, ToolResult
from workflow_cli.app.answering.tool_access import judge
from workflow_cli.app.answering.tool_report import Pin, ServerReport, ServerState, ToolState
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.errors import DocumentError

_ORDER = (Access.READ, Access.WRITE, Access.EXECUTE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Times in seconds. `trusting` takes every configured server for approved."""

    timeout: float
    connect_timeout: float
    max_result_bytes: int
    concurrency: int
    offline: bool = False
    loopback_only: bool = False
    trusting: bool = False


class ToolServers:
    """A context manager: leaving it ends every server. Nothing is started, and no SDK imported, before it is needed."""

    def __init__(
        self,
        servers: Sequence[ServerConfig],
        *,
        pins: PinFile,
        root: Path,
        limits: Limits,
        record: Callable[[Mapping[str, object]], None] | None = None,
        keeps_logs: bool = True,
    ) -> None:
        """`record` is told of each call, without its arguments and what came back. Without `keeps_logs` nothing is written."""
        self._servers = servers
        self._pins = pins
        self._root = root
        self._limits = limits
        self._record = record
        self._keeps_logs = keeps_logs
        self._sessions: dict[str, Any] = {}
        self._owners: list[asyncio.Task[None]] = []
        self._logs: dict[str, StderrLog | UnkeptLog] = {}
        self._reports: Sequence[ServerReport] = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        for owner in self._owners:
            owner.cancel()
        await asyncio.gather(*self._owners, return_exceptions=True)
        for log in self._logs.values():
            log.close()
        self._owners, self._logs, self._sessions = [], {}, {}

    async def tools(self) -> Sequence[Tool]:
        pins = self._approvals()
        looked = await asyncio.gather(*(self._look(server, pins) for server in self._servers))
        self._reports = [report for report, _ in looked]
        return [tool for report, definitions in looked for tool in _usable(report, definitions)]

    async def reports(self, name: str | None = None) -> Sequence[ServerReport]:
        """Every server, or the one of this name, with the state of each of its tools."""
        pins = self._pins.read()
        chosen = [server for server in self._servers if name in (None, server.name)]
        return [report for report, _ in await asyncio.gather(*(self._look(server, pins) for server in chosen))]

    def _approvals(self) -> Mapping[str, Pinned]:
        """Raises AnswererFailed where nobody knows what was approved: then nothing may be used."""
        try:
            return self._pins.read()
        except DocumentError as error:
            if self._limits.trusting:
                return {}
            raise AnswererFailed(
                FailureKind.UNAUTHORIZED, error.message, where=error.where, hint=error.hint, before_reply=True
            ) from error

    @property
    def pin_problem(self) -> str | None:
        """Why no approval counts, where that is so."""
        return None if self._limits.trusting else self._pins.problem

    @property
    def problems(self) -> Sequence[str]:
        pins = [self.pin_problem] if self.pin_problem else []
        servers = [_line(r) for r in self._reports if r.problem and r.state is not ServerState.DISABLED]
        tools = [_line(r, t) for r in self._reports for t in r.tools if t.waits]
        return [*pins, *servers, *tools]

    @property
    def down(self) -> Sequence[str]:
        return [_line(r) for r in self._reports if r.state is ServerState.DOWN]

    @property
    def lapsed(self) -> Sequence[str]:
        pins = [f"{self.pin_problem} (workflow mcp tools lists them)"] if self.pin_problem else []
        servers = [_line(r) for r in self._reports if r.lapsed]
        changed = [(r, t) for r in self._reports for t in r.tools if t.waits and t.pin is Pin.CHANGED]
        # Questions call what reads, and nothing else.
        return [*pins, *servers, *(_line(r, t) for r, t in changed if t.access is Access.READ)]

    async def call(self, tool: Tool, arguments: Mapping[str, Any]) -> ToolResult:
        """Looks once more whether the tool may be used: approvals can be taken back while a process runs."""
        server = next((server for server in self._servers if server.name == tool.server), None)
        looked = None if server is None else await self._look(server, self._approvals())
        if server is None or looked is None or tool not in _usable(*looked):
            raise AnswererFailed(
                FailureKind.REFUSED,
                f"the tool {tool.full_name} may not be used",
                hint=f"workflow mcp tools {tool.server}",
                before_reply=True,
            )
        started = time.monotonic()
        outcome = "cancelled"
        try:
            result = await self._session(server).call(
                tool.name, arguments, seconds=server.timeout or self._limits.timeout
            )
            outcome = "error" if result.is_error else "answered"
        except AnswererFailed as error:
            outcome = error.kind.value
            raise
        finally:
            milliseconds = (time.monotonic() - started) * 1000
            definition = next(one.hash for one in looked[1] if one.name == tool.name)
            self._told(tool, arguments, definition, outcome, milliseconds)
        plain = result.model_dump(by_alias=True, mode="json", exclude_none=True)
        text = result_text(plain, max_bytes=self._limits.max_result_bytes)
        return ToolResult(
            server=tool.server,
            tool=tool.name,
            text=text.text,
            is_error=bool(result.is_error),
            says_nothing=says_nothing(plain),
            truncated=text.truncated,
            milliseconds=milliseconds,
        )

    def _told(
        self, tool: Tool, arguments: Mapping[str, Any], definition: str, outcome: str, milliseconds: float
    ) -> None:
        if self._record is not None:
            self._record(
                {
                    "kind": "mcp.call",
                    "server": tool.server,
                    "tool": tool.name,
                    "arguments_hash": hashlib.sha256(canonical(arguments)).hexdigest()[:16],
                    "definition_hash": definition[:16],
                    "outcome": outcome,
                    "duration_ms": round(milliseconds, 1),
                }
            )

    async def inspect(self, server: ServerConfig) -> tuple[ServerReport, Sequence[Definition]]:
        """Start a server whether it is approved or not, because a person asked to see its tools."""
        refused = self._refused(server)
        if refused is not None:
            return refused, ()
        return await self._started(server, self._pins.read().get(server.name))

    async def _look(
        self, server: ServerConfig, pins: Mapping[str, Pinned]
    ) -> tuple[ServerReport, Sequence[Definition]]:
        unused = self._unused(server, pins)
        return (unused, ()) if unused is not None else await self._started(server, pins.get(server.name))

    def unused(self, server: ServerConfig) -> ServerReport | None:
        """Why it would not be started; None where nothing is against it, and it is approved as it is configured."""
        return self._unused(server, self._pins.read())

    def _unused(self, server: ServerConfig, pins: Mapping[str, Pinned]) -> ServerReport | None:
        refused = self._refused(server)
        if refused is not None:
            return refused
        pinned = pins.get(server.name)
        if not self._limits.trusting and (pinned is None or pinned.config != config_hash(server)):
            why = "nobody approved it yet" if pinned is None else "its configuration is not the one that was approved"
            problem = f"{why}: workflow mcp approve {server.name}"
            return _report(server, ServerState.NOT_APPROVED, problem, lapsed=pinned is not None)
        return None

    def _refused(self, server: ServerConfig) -> ServerReport | None:
        if not server.enabled:
            return _report(server, ServerState.DISABLED, "switched off in the configuration")
        if server.problem is not None:
            return _report(server, ServerState.UNUSABLE, f"{server.problem} ({server.origin})")
        if self._limits.offline:
            return _report(server, ServerState.NOT_ALLOWED, "network.offline is set")
        if self._limits.loopback_only and server.is_beyond_this_machine:
            return _report(
                server, ServerState.NOT_ALLOWED, "it is not on this machine, and network.loopback_only is set"
            )
        return None

    async def _started(self, server: ServerConfig, pinned: Pinned | None) -> tuple[ServerReport, Sequence[Definition]]:
        if not is_installed():
            return _report(server, ServerState.UNUSABLE, what_is_missing()), ()
        session = self._session(server)
        definitions = await session.tools()
        if session.error is not None:
            return _report(server, ServerState.DOWN, session.error), ()
        states = [self._state(server, definition, pinned) for definition in definitions]
        return _report(server, ServerState.UP, tools=states, says=session.server), definitions

    def _state(self, server: ServerConfig, definition: Definition, pinned: Pinned | None) -> ToolState:
        judged = judge(definition.name, definition.hints, server.rules)
        hash = None if pinned is None else pinned.tools.get(definition.name)
        pin = Pin.NEW if hash is None else Pin.APPROVED if hash == definition.hash else Pin.CHANGED
        refusal = definition.problem or judged.refusal
        waits = refusal is None and pin is not Pin.APPROVED and not self._limits.trusting
        if waits:
            what = "it is new" if pin is Pin.NEW else "its description or schema changed"
            refusal = f"{what} since the server was approved: workflow mcp approve {server.name}"
        return ToolState(
            name=definition.name,
            title=definition.title,
            description=definition.description,
            access=judged.access,
            pin=pin,
            refusal=refusal,
            waits=waits,
        )

    def _session(self, server: ServerConfig) -> Any:
        if server.name not in self._sessions:
            from workflow_cli.adapters.mcp_client.session import ServerSession

            session = ServerSession(
                server.name,
                partial(self._transport, server),
                where=server.shown,
                connect_timeout=self._limits.connect_timeout,
                concurrency=self._limits.concurrency,
                log=partial(self._log_of, server),
            )
            self._sessions[server.name] = session
            self._owners.append(asyncio.create_task(session.run(), name=f"mcp {server.name}"))
        return self._sessions[server.name]

    def _log_of(self, server: ServerConfig) -> str | None:
        log = self._logs.get(server.name)
        if log is None:
            return None
        return "" if log.is_empty else log.place

    def _transport(self, server: ServerConfig, tell: Callable[[str], None]) -> AbstractAsyncContextManager[Any]:
        if server.command is None:
            from workflow_cli.adapters.mcp_client.http_streams import http_streams

            return http_streams(server, seconds=self._limits.connect_timeout)
        from workflow_cli.adapters.mcp_client.stdio_process import stdio_streams

        new = StderrLog(self._root, server.name) if self._keeps_logs else UnkeptLog()
        log = self._logs.setdefault(server.name, new)
        return stdio_streams(server, stderr=log.write, tell=tell)


def _line(report: ServerReport, tool: ToolState | None = None) -> str:
    return f"{report.name}: {report.problem}" if tool is None else f"{report.name}.{tool.name}: {tool.refusal}"


def _usable(report: ServerReport, definitions: Sequence[Definition]) -> list[Tool]:
    return [
        Tool(
            server=report.name,
            name=definition.name,
            title=definition.title,
            description=definition.description,
            input_schema=definition.input_schema,
            access=state.access,
        )
        for state, definition in zip(report.tools, definitions, strict=True)
        if state.refusal is None
    ]


def _report(
    server: ServerConfig,
    state: ServerState,
    problem: str | None = None,
    *,
    tools: Sequence[ToolState] = (),
    says: str | None = None,
    lapsed: bool = False,
) -> ServerReport:
    return ServerReport(
        name=server.name,
        shown=server.shown,
        origin=server.origin,
        access=tuple(access for access in _ORDER if access in server.rules.access),
        state=state,
        problem=problem,
        says=says,
        tools=tools,
        lapsed=lapsed,
    )
