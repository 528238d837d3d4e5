"""`workflow mcp`: serves agents; tool servers that help to answer questions, and which of them a person approved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_cli.cli.invocation import Invocation

if TYPE_CHECKING:
    from workflow_cli.wiring.mcp import McpRun

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def mcp(context: typer.Context) -> int | None:
    """Serve agents over MCP on stdin and stdout; or show the tools of other servers, and approve servers.

    Without a command, serves until the client closes stdin: tools to ask questions, wait for answers, read and check
    documents, and draft changes, which a person then approves. Agents cannot approve or write anything themselves.

    \b
    Exit status:
      0 the client has gone   2 usage or configuration   3 no tree, nobody to talk to, or no package for MCP

    \b
    Examples:
      workflow mcp                            for the configuration of an agent: command workflow, arguments mcp
      workflow mcp --root /path/to/project
      workflow mcp tools
      workflow mcp approve clock
    """
    if context.invoked_subcommand is not None:
        return None
    return _serve(Invocation.of(context))


def _serve(call: Invocation) -> int:
    from workflow_cli import wiring
    from workflow_cli.wiring.current_settings import current_settings

    options = call.options
    root = wiring.root_of_tree(options.root)
    flags = {"network.offline": ("--offline", options.offline)}
    current = current_settings(root, named_file=options.config, flags=flags)
    _refuse_closed_streams()
    wiring.refuse_without_mcp()
    from workflow_cli.cli.event_loop import run_async
    from workflow_cli.mcp_server.server import serve_stdio
    from workflow_cli.wiring.agents import AgentWork, answering

    with AgentWork(root, current(), current=current) as work:
        run_async(lambda: serve_stdio(work, lambda: answering(root, current)))
    return 0


def _refuse_closed_streams() -> None:
    """Raises ServiceError where nobody could ask, or hear what is answered."""
    from workflow_cli.cli.standard_streams import is_closed
    from workflow_cli.errors import ServiceError

    closed = [name for name, stream in (("stdin", sys.stdin), ("stdout", sys.stdout)) if is_closed(stream)]
    if closed:
        raise ServiceError(
            f"{' and '.join(closed)} {'is' if len(closed) == 1 else 'are'} closed, and agents talk over both",
            hint="let the agent start it, with pipes for stdin and stdout; see workflow mcp --help",
        )


@app.command()
def tools(
    context: typer.Context,
    server: Annotated[
        str | None, typer.Argument(metavar="[SERVER]", help="Only this server.", show_default=False)
    ] = None,
) -> int:
    """List the configured servers with their tools: which are used, and why others are not.

    Approved servers are started for it. Where none is configured, the tools that are built in are listed.

    \b
    Exit status:
      0 listed   2 usage or configuration   3 a server cannot be reached or used   4 an approval is missing

    \b
    Examples:
      workflow mcp tools
      workflow mcp tools clock
      workflow mcp tools --format json
    """
    from workflow_cli.cli import mcp_text

    call = Invocation.of(context)
    run = _run(call)
    return mcp_text.show_servers(call, run.reports(server), degraded=run.degraded)


@app.command()
def approve(
    context: typer.Context,
    server: Annotated[str, typer.Argument(metavar="SERVER", help="The server's name.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: start it, and approve what it has.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the approval back.")] = False,
) -> int:
    """Approve a server as it is configured now, and its tools as it describes them now.

    Shows the exact command or address and asks before it starts anything; then shows the tools and asks again. A tool
    that changes its description later, or is new, is off until the server is approved again.

    \b
    Exit status:
      0 approved, or taken back   1 refused, or "no"   2 usage or configuration   3 cannot be written
      4 nobody is there to ask; nothing was started

    \b
    Examples:
      workflow mcp approve clock
      workflow mcp approve clock --yes
      workflow mcp approve clock --revoke
    """
    from workflow_cli.cli import mcp_text

    call = Invocation.of(context)
    run = _run(call)
    if revoke:
        return mcp_text.show_revoked(call, server, run.revoke(server))
    chosen = run.server(server)
    if not chosen.shown:  # there is nothing to start: why is told, and nobody asked
        report = run.started(chosen)
        return mcp_text.show_approved(call, report, run.approve(chosen, report))
    interactive = sys.stdin.isatty() and sys.stderr.isatty() and not call.quiet and call.format == "text"
    if not yes and not interactive:
        return mcp_text.show_unasked(call, chosen)
    mcp_text.tell_command(call, chosen)
    if not yes and not mcp_text.confirmed("Start it, to see its tools?"):
        return mcp_text.show_declined(call, server)
    report = run.started(chosen)
    mcp_text.tell_tools(call, report)
    if report.tools and not yes and not mcp_text.confirmed("Approve the server with these tools?"):
        return mcp_text.show_declined(call, server)
    return mcp_text.show_approved(call, report, run.approve(chosen, report))


def _run(call: Invocation) -> McpRun:
    from workflow_cli import wiring
    from workflow_cli.wiring.mcp import McpRun

    options = call.options
    root = wiring.root_of_tree(options.root)
    flags = {"network.offline": ("--offline", options.offline)}
    return McpRun(root, wiring.settings_in_force(root, named_file=options.config, flags=flags))
