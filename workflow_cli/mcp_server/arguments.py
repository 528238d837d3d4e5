"""Arguments that a tool does not take: one error that names each of them, and what the tool takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from mcp.server.mcpserver.tools import Tool
from pydantic import ValidationError

from workflow_cli.domain.answering.outside_text import one_line

MOST_FAULTS = 10
MOST_BYTES = 300
_ENDINGS = {"Input should be": "must be", "String should have": "must have", "List should have": "must have"}


def refusal(tool: Tool, arguments: Mapping[str, Any]) -> str | None:
    """Why a call is not made, and what to do; None where the arguments are as the tool takes them."""
    takes = list(tool.parameters.get("properties", {}))
    faults = [*_unknown(arguments, takes), *_wrong(tool, arguments)]
    if not faults:
        return None
    told = [one_line(fault, max_bytes=MOST_BYTES) for fault in faults[:MOST_FAULTS]]
    if len(faults) > len(told):
        told.append(f"and {len(faults) - len(told)} more")
    needs = [name for name in takes if name in tool.parameters.get("required", ())]
    free = [name for name in takes if name not in needs]
    taken = " ".join(
        part
        for part in (
            f"it needs {', '.join(needs)}" if needs else "it needs no argument",
            f"and takes {', '.join(free)}" if free else "",
        )
        if part
    )
    return f"{tool.name} was not called: {'; '.join(told)}\nnext: call it again; {taken}"


def no_such_tool(name: str, known: Collection[str]) -> str:
    shown = one_line(name, max_bytes=MOST_BYTES)
    return f"there is no tool {shown!r}{_nearest(name, known)}\nnext: the tools are {', '.join(known)}"


def _unknown(arguments: Mapping[str, Any], takes: Collection[str]) -> Iterator[str]:
    for name in arguments:
        if name not in takes:
            yield f"there is no argument {name!r}{_nearest(name, takes)}"


def _wrong(tool: Tool, arguments: Mapping[str, Any]) -> Iterator[str]:
    try:
        tool.fn_metadata.validate_arguments(dict(arguments))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            place = ".".join(map(str, fault["loc"]))
            yield f"{place} is missing" if fault["type"] == "missing" else f"{place} {must(fault['msg'])}"


def must(message: str) -> str:
    for beginning, instead in _ENDINGS.items():
        if message.startswith(beginning):
            return instead + message.removeprefix(beginning)
    return message[:1].lower() + message[1:]


def _nearest(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name[:100], known, 1)
    return f", nearest is {close[0]}" if close else ""
