"""What the tools share while the server runs, and how a call of a tool is carried out."""

from __future__ import annotations

import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import anyio
import anyio.from_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from workflow_cli.app.agent_drafts import agent_name
from workflow_cli.errors import WorkflowError, as_argument
from workflow_cli.mcp_server.results import whole
from workflow_cli.mcp_server.tickets import Ask, Tickets
from workflow_cli.wiring import off_loop
from workflow_cli.wiring.agents import AgentWork

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")

#: Seconds between two messages about progress.
_BETWEEN_SIGNS = 0.1


@dataclass(frozen=True, kw_only=True)
class State:
    work: AgentWork
    tickets: Tickets
    threads: anyio.CapacityLimiter


@asynccontextmanager
async def running(work: AgentWork, ask: Ask) -> AsyncIterator[State]:
    """Inside, tools can be called. At the end whatever is still being answered is cancelled."""
    async with anyio.create_task_group() as group:
        yield State(
            work=work,
            tickets=Tickets(ask, group, now=time.monotonic),
            threads=anyio.CapacityLimiter(off_loop.THREADS),
        )
        group.cancel_scope.cancel()


def state_of(context: Context[Any, Any]) -> State:
    state = context.request_context.lifespan_context
    assert isinstance(state, State)
    return state


def bound_to() -> str:
    """Whom the ids of questions are bound to: the authenticated client, where the transport knows one.

    Over stdio there is one client, and the ids live no longer than its process.
    """
    from mcp.server.auth.middleware.auth_context import get_access_token

    token = get_access_token()
    return "" if token is None else f"{token.client_id}\0{token.subject or ''}"


def asker_of(context: Context[Any, Any], named: str | None) -> str:
    """The name under which the caller is shown to people. Raises UsageError where there is none."""
    params = context.request_context.session.client_params
    return agent_name(named, params.client_info.name if params is not None else None)


def tool(function: Callable[_Given, Awaitable[_Made]]) -> Callable[_Given, Awaitable[_Made]]:
    """A call as an event, and whatever people would be told of an error as the text of a tool's error."""

    @functools.wraps(function)
    async def call(*arguments: _Given.args, **named: _Given.kwargs) -> _Made:
        context = next(a for a in (*arguments, *named.values()) if isinstance(a, Context))
        work = state_of(context).work
        started, outcome = time.monotonic(), "failed"
        try:
            made = await function(*arguments, **named)
            outcome = "done"
            return made
        except WorkflowError as error:
            outcome = "refused"
            raise ToolError(said(error)) from error
        except anyio.get_cancelled_exc_class():
            outcome = "cancelled"
            raise
        finally:
            milliseconds = round((time.monotonic() - started) * 1000, 3)
            event = {"kind": "mcp.call", "tool": function.__name__, "outcome": outcome, "duration_ms": milliseconds}
            work.events.append(event)

    return call


def said(error: WorkflowError) -> str:
    """What happened, where, and what to do next. An option that people would have typed is an argument here."""
    faults = getattr(error, "faults", ())
    message = "\n".join(["there are faults:", *faults]) if len(faults) > 1 else error.message
    place = as_argument(error.where)
    where = f"\nwhere: {place}" if place else ""
    hint = f"\nnext: {error.hint}" if error.hint else ""
    return str(whole(f"{message}{where}{hint}"))


Step = Callable[[int, int, str], None]


async def in_thread(context: Context[Any, Any], work: Callable[[], _Made]) -> _Made:
    """Do `work` off the event loop. A cancelled call returns at once, and the thread ends by itself."""
    return await off_loop.in_thread(work, limiter=state_of(context).threads)


async def in_steps(context: Context[Any, Any], work: Callable[[Step], _Made]) -> _Made:
    """As `in_thread`, for work that calls what it is given before each of its steps.

    That tells the client how far it is, and ends work whose caller has gone.
    """
    told = -_BETWEEN_SIGNS

    def telling(go_on: off_loop.GoOn) -> Step:
        def step(done: int, total: int, name: str) -> None:
            nonlocal told
            go_on()
            if time.monotonic() - told >= _BETWEEN_SIGNS:
                told = time.monotonic()
                anyio.from_thread.run(context.report_progress, done, total, name[:200])

        return step

    return await off_loop.in_steps(lambda go_on: work(telling(go_on)), limiter=state_of(context).threads)
