"""Whether each MCP server that is configured starts and answers, and which of its tools may be used."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from workflow_cli.app.doctor.check import Check, Probe, Seen, failed, ok, skipped, warning
from workflow_cli.wiring.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from workflow_cli.adapters.mcp_client.tool_servers import ToolServers
    from workflow_cli.app.answering.tool_report import ServerReport, ToolState

#: Seconds beyond `mcp.connect_timeout` in which a server has to have ended.
_TO_END = 15.0
_NAMED = 3


def look(at: Surroundings) -> Iterator[Seen | Probe]:
    if at.settings is None:
        yield skipped("none was started, as the settings are wrong")
        return
    from workflow_cli.wiring.tools import configured, pins_of, tool_servers

    if at.root is None:
        if at.settings.mcp.servers or at.settings.mcp.file or at.settings.sockets.mcp:
            yield skipped("servers are approved for each tree, and here is none")
        return
    servers = configured(at.root, at.settings)
    if not servers:
        yield skipped(
            "none is configured; questions are answered without", next="to have one: mcp.servers in workflow.yaml"
        )
        return
    pins = pins_of(at.root)
    pins.read()
    if pins.problem and at.settings.mcp.trust == "approved":
        hint = "workflow mcp tools lists them, workflow mcp approve NAME approves one"
        yield warning(pins.problem, next=hint, part="approvals")
    boxes = [(server, tool_servers(at.root, at.settings, [server], keeps_logs=False)) for server in servers]
    unused = {server.name: box.unused(server) for server, box in boxes}
    if not all(unused.values()):
        from workflow_cli.adapters.mcp_client import sdk

        if sdk.is_installed():
            sdk.load()
    limit = at.settings.mcp.connect_timeout
    for server, box in boxes:
        report = unused[server.name]
        if report is not None:
            yield _unused(report)
        else:
            yield Probe(where=server.name, seconds=limit + _TO_END, look=partial(_asked, box, limit))


async def _asked(box: ToolServers, limit: int) -> Sequence[Seen]:
    started = time.monotonic()
    async with box:
        (report,) = await box.reports()
        taken = time.monotonic() - started
    return [_used(report, taken, limit)]


def _unused(report: ServerReport) -> Seen:
    from workflow_cli.app.answering.tool_report import ServerState

    name, problem = report.name, report.problem or ""
    if report.state is ServerState.NOT_APPROVED:
        why, _, command = problem.partition(": ")
        return warning(f"{why}, so it was not started", where=name, next=command)
    if report.state in (ServerState.DISABLED, ServerState.NOT_ALLOWED):
        return skipped(problem, where=name)
    return failed(problem, where=name, next=f"mend that, then workflow mcp tools {name}")


def _used(report: ServerReport, taken: float, limit: int) -> Seen:
    from workflow_cli.app.answering.tool_report import ServerState

    if report.state is ServerState.UP:
        return _up(report, taken)
    if report.state is not ServerState.DOWN:
        return _unused(report)
    late = f" ({limit} s, mcp.connect_timeout)" if taken >= limit else ""
    hint = f"workflow mcp tools {report.name} tries again, and keeps what it says in a log"
    return failed(f"{report.problem}{late}", where=report.name, next=hint)


def _up(report: ServerReport, taken: float) -> Seen:
    from workflow_cli.app.answering.tool_report import Pin

    used = sum(tool.refusal is None for tool in report.tools)
    told = f"answers after {taken * 1000:.0f} ms; {_tools(len(report.tools))}, {used} to use"
    waiting = [tool for tool in report.tools if tool.waits]
    if waiting:
        changed = _names([tool for tool in waiting if tool.pin is Pin.CHANGED])
        new = _names([tool for tool in waiting if tool.pin is Pin.NEW])
        since = [f"changed since the approval: {changed}"] if changed else []
        since += [f"new since the approval: {new}"] if new else []
        hint = f"workflow mcp approve {report.name} shows them and asks"
        return warning("; ".join([told, *since]), where=report.name, next=hint)
    if not used:
        return warning(told, where=report.name, next=f"workflow mcp tools {report.name} says why")
    return ok(told, where=report.name)


def _tools(number: int) -> str:
    return f"{number} tool" if number == 1 else f"{number} tools"


def _names(tools: Sequence[ToolState]) -> str:
    more = f" and {len(tools) - _NAMED} more" if len(tools) > _NAMED else ""
    return ", ".join(tool.name for tool in tools[:_NAMED]) + more


CHECK = Check("mcp-server", "MCP server", look, {"approvals": "MCP approvals"})
