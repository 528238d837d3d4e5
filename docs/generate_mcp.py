"""The reference page of the tools for agents, made from what the server tells its clients."""

from __future__ import annotations

from typing import Any


def mcp_page() -> str:
    """`reference/mcp-server.md`"""
    from workflow_cli.mcp_server import resources
    from workflow_cli.mcp_server.server import INSTRUCTIONS, tools

    lines = [
        "# Tools and resources for agents",
        "",
        "<!-- Made from the server's own description by `make docs`; change that. -->",
        "",
        "What `workflow mcp` offers over stdio. [Let an agent work through MCP](../how-to/work-through-mcp.md) tells how to",
        "connect one. The server tells a client once:",
        "",
        *(f"> {line}" for line in INSTRUCTIONS.split("\n")),
        "",
        "Every list and text in a result is bounded. What cannot be done is a tool's error that says what, where and what to",
        "try next; an argument that a tool does not have is one. A call that is cancelled stops its work. `next` in a result",
        "says what to do. A line that is no message of the protocol is answered by an error, under its id where it has one.",
        "A request whose parameters the protocol does not have gets one that names the field and what is wanted.",
    ]
    for tool in tools():
        hints = tool.annotations
        reads = "Only reads." if hints is not None and hints.read_only_hint else "Adds; overwrites and deletes nothing."
        lines += ["", f"## `{tool.name}`", "", *(tool.description or "").split("\n"), "", reads]
        lines += ["", "| argument | | |", "|---|---|---|"]
        required = tool.input_schema.get("required", [])
        for name, schema in tool.input_schema["properties"].items():
            default = "required" if name in required else _default(schema)
            lines.append(f"| `{name}` | {_kind(schema)}, {default} | {_words(schema)} |")
        lines += ["", "| result | | |", "|---|---|---|"]
        output: Any = tool.output_schema
        for name, schema in output["properties"].items():
            lines.append(f"| `{name}` | {_kind(schema)} | {_words(schema)} |")
    lines += [
        "",
        "## Resources",
        "",
        "| address | |",
        "|---|---|",
        f"| `{resources.SPEC.replace('{+id}', 'ID')}` | a main spec, by the id of its capability |",
        f"| `{resources.CHANGE.replace('{name}', 'NAME').replace('{+file}', 'FILE')}` | a document of a change, such as "
        "`tasks.md` or `specs/ID/spec.md` |",
        "",
        f"The list holds the main specs and the proposals of open changes, {resources.MOST_LISTED} at most. A document of more",
        f"than {resources.MOST_BYTES:,} bytes is read with `read_document`, in pieces. Nothing outside `openspec/` is read, and",
        "no link is followed out of it.",
    ]
    return "\n".join(lines) + "\n"


def _kind(schema: Any) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(f"`{word}`" for word in schema["enum"])
    if "anyOf" in schema:
        kinds = [_kind(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}s" if "type" in schema["items"] else "list"
    return {"string": "text", "integer": "number", "number": "number", "boolean": "flag", "object": "mapping"}.get(
        schema.get("type"), "value"
    )


def _default(schema: Any) -> str:
    value = schema.get("default")
    return "optional" if value is None else f"default `{str(value).lower()}`"


def _words(schema: Any) -> str:
    """Its description, and its bounds."""
    whole = schema
    inner = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), {})
    bounds = [
        f"{word} {inner.get(key, whole.get(key)):,}"
        for key, word in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("maxItems", "entries at most"),
            ("maxLength", "characters at most"),
        )
        if inner.get(key, whole.get(key)) not in (None, 0)
    ]
    return " ".join(part for part in (whole.get("description", ""), f"({'; '.join(bounds)})" if bounds else "") if part)
