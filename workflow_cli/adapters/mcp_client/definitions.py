"""What a server says about its tools, and the hashes that an approval is bound to."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workflow_cli.adapters.mcp_client.server_config import ServerConfig
from workflow_cli.app.answering.tool_access import Hints
from workflow_cli.domain.answering.outside_text import cleaned, one_line

MAX_DESCRIPTION = 2000
MAX_TITLE = 120
MAX_DEFINITION = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,128}\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """One tool as its server describes it. Title and description are cleaned and cut; `hash` is over the raw ones.

    `problem` says why the definition cannot be used at all.
    """

    name: str
    title: str
    description: str
    input_schema: Mapping[str, Any]
    hints: Hints
    hash: str
    problem: str | None = None


def definitions_of(tools: Iterable[Mapping[str, Any]]) -> list[Definition]:
    """The definitions in the wire's form (`inputSchema`, ...), in order. A name that comes twice is used for neither."""
    found = [_definition(tool) for tool in tools]
    names = [definition.name for definition in found]
    return [
        definition
        if names.count(definition.name) == 1
        else replace(definition, problem="its server has two tools of this name")
        for definition in found
    ]


def _definition(tool: Mapping[str, Any]) -> Definition:
    raw_name = str(tool.get("name", ""))
    hints = tool.get("annotations") or {}
    schema = tool.get("inputSchema")
    pinned = {
        key: tool.get(key) for key in ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
    }
    data = canonical(pinned)
    problem = None
    if not _NAME.match(raw_name):
        problem = "its name has characters that names of tools do not have"
    elif len(data) > MAX_DEFINITION:
        problem = f"its definition is longer than {MAX_DEFINITION} bytes"
    elif not isinstance(schema, Mapping) or schema.get("type") != "object":
        problem = "its input schema describes no object"
    return Definition(
        name=raw_name if problem is None else one_line(raw_name, max_bytes=MAX_TITLE),
        title=one_line(str(tool.get("title") or hints.get("title") or ""), max_bytes=MAX_TITLE),
        description=cleaned(str(tool.get("description") or ""), max_bytes=MAX_DESCRIPTION).text.strip(),
        input_schema=schema if isinstance(schema, Mapping) else {},
        hints=Hints(read_only=hints.get("readOnlyHint"), destructive=hints.get("destructiveHint")),
        hash=hashlib.sha256(data).hexdigest(),
        problem=problem,
    )


def config_hash(config: ServerConfig) -> str:
    """Over what is run or called and what it may do; of variables and headers over the names alone."""
    rules = config.rules
    tools = None if rules.tools is None else {name: access and access.value for name, access in rules.tools.items()}
    return hashlib.sha256(
        canonical(
            {
                "command": config.command,
                "cwd": config.cwd and str(config.cwd),
                "env": sorted(config.env),
                "url": config.url,
                "headers": sorted(config.headers),
                "socket": config.socket and [str(config.socket), config.socket_path],
                "access": sorted(access.value for access in rules.access),
                "tools": tools,
            }
        )
    ).hexdigest()


def canonical(value: Any) -> bytes:
    """`value` as JSON with sorted keys and nothing between: equal values have equal bytes."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")
