"""`workflow mcp tools` and `approve`: servers looked at, one after the other started, and approved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.app.answering.built_in_tools import SERVER
from workflow_cli.app.answering.tool_report import Pin, ServerReport, ServerState, ToolState
from workflow_cli.errors import Refused, UsageError
from workflow_cli.wiring import event_log
from workflow_cli.wiring.tools import built_in_tools, configured, pins_of, tool_servers

if TYPE_CHECKING:
    from workflow_cli.adapters.mcp_client.definitions import Definition
    from workflow_cli.adapters.mcp_client.server_config import ServerConfig
    from workflow_cli.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Approved:
    """An approval that was written: by whom and when, UTC; `tools` of them pinned."""

    by: str
    at: str
    tools: int


class McpRun:
    """One run over the servers of a tree."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._settings = settings
        self._servers = configured(root, settings)
        self._events = event_log(settings, root)
        self._definitions: Sequence[Definition] = ()
        self.degraded: list[dict[str, str]] = []

    def reports(self, name: str | None) -> Sequence[ServerReport]:
        """Every server or the one named, approved ones started; the built-in tools where none is configured."""
        if not self._servers and name is None:
            return asyncio.run(self._built_in())
        if name is not None:
            self.server(name)
        return asyncio.run(self._looked_at(name))

    def server(self, name: str) -> ServerConfig:
        """Raises UsageError for a name that is not configured."""
        found = next((server for server in self._servers if server.name == name), None)
        if found is None:
            known = ", ".join(server.name for server in self._servers)
            hint = f"configured are {known}" if known else "add it to mcp.servers in workflow.yaml"
            raise UsageError(f"no MCP server {name!r} is configured", hint=hint)
        return found

    def started(self, server: ServerConfig) -> ServerReport:
        """The server with its tools, whether it is approved or not: a person wants to see it."""
        return asyncio.run(self._started(server))

    def approve(self, server: ServerConfig, report: ServerReport) -> Approved:
        """Approve the server as it is configured, and the tools as they were just shown."""
        from workflow_cli import wiring
        from workflow_cli.adapters.mcp_client.definitions import config_hash

        if report.state is not ServerState.UP:
            raise Refused(
                f"the server {server.name} cannot be approved: {report.problem}",
                where=server.origin,
                hint=f"mend that, then run workflow mcp approve {server.name} again",
            )
        by, at = wiring.person(self._root, None).name, wiring.now().isoformat(timespec="seconds")
        pins_of(self._root).approve(server.name, config_hash(server), self._definitions, by=by, at=at)
        tools = sum(tool.problem is None for tool in self._definitions)
        self._events.append({"kind": "mcp", "outcome": "approved", "server": server.name, "tools": tools})
        return Approved(by=by, at=at, tools=tools)

    def revoke(self, name: str) -> bool:
        found = pins_of(self._root).revoke(name)
        if found:
            self._events.append({"kind": "mcp", "outcome": "revoked", "server": name})
        return found

    async def _looked_at(self, name: str | None) -> Sequence[ServerReport]:
        async with tool_servers(self._root, self._settings, self._servers) as box:
            reports = await box.reports(name)
            if box.pin_problem:
                self.degraded.append({"what": "approvals", "why": box.pin_problem})
            return reports

    async def _started(self, server: ServerConfig) -> ServerReport:
        async with tool_servers(self._root, self._settings, [server]) as box:
            report, self._definitions = await box.inspect(server)
            return report

    async def _built_in(self) -> Sequence[ServerReport]:
        box = built_in_tools(self._root, self._settings)
        tools = [
            ToolState(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                access=tool.access,
                pin=Pin.APPROVED,
                refusal=None,
            )
            for tool in await box.tools()
        ]
        report = ServerReport(
            name=SERVER,
            shown="built in",
            origin="default",
            access=tuple(dict.fromkeys(tool.access for tool in tools)),
            state=ServerState.UP,
            tools=tools,
        )
        return [report]
