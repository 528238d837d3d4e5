"""Requests that are no calls yet: one error that says which field is wrong, what is wanted, and what to send instead."""

from __future__ import annotations

from typing import Any

from mcp import MCPError
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.types import INVALID_PARAMS
from pydantic import ValidationError

from workflow_cli.domain.answering.outside_text import one_line
from workflow_cli.mcp_server.arguments import MOST_BYTES, MOST_FAULTS, must

#: What the SDK says of every parameter that is wrong, and of every request before the handshake.
_NOTHING_SAID = "Invalid request parameters"
#: What it says of an address that fits none of the server's.
_NO_RESOURCE = "Unknown resource"
_WANTED = {
    "tools/call": '"name", which tools/list tells, and "arguments", an object with what that tool takes',
    "resources/read": '"uri", which resources/list tells',
}


async def explained(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """The SDK leaves out what the library that checks parameters found, and names no next step."""
    if ctx.method == "prompts/get":
        # The SDK would print where in it nothing was found, for whoever reads stderr.
        raise MCPError(INVALID_PARAMS, "there are no prompts here\nnext: tools/list tells what there is")
    try:
        return await call_next(ctx)
    except ValidationError as error:
        raise MCPError(INVALID_PARAMS, _wrong(ctx.method, error)) from None
    except MCPError as error:
        if error.error.code == INVALID_PARAMS and error.error.message == _NOTHING_SAID:
            told = "the session has not begun\nnext: send initialize, then notifications/initialized"
            raise MCPError(INVALID_PARAMS, told) from None
        if ctx.method == "resources/read" and error.error.message.startswith(_NO_RESOURCE):
            told = f"{one_line(error.error.message, max_bytes=MOST_BYTES)}\nnext: resources/list tells what there is"
            raise MCPError(error.error.code, told, error.error.data) from None
        raise


def _wrong(method: str, error: ValidationError) -> str:
    faults = dict.fromkeys(
        _fault(fault["loc"], fault["type"], fault["msg"])
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    )
    told = "; ".join(one_line(fault, max_bytes=MOST_BYTES) for fault in [*faults][:MOST_FAULTS])
    wanted = _WANTED.get(method)
    then = f"send it with {wanted}" if wanted else "send it again with that mended"
    return f"{one_line(method, max_bytes=MOST_BYTES)} was not carried out: {told}\nnext: {then}"


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(map(str, place if place[:1] != ("params",) or len(place) == 1 else place[1:]))
    if kind == "missing":
        return f"{name} is missing"
    return f"{name} {must(message)}".replace("a valid dictionary", "an object")
