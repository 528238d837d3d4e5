"""A real MCP server of which most calls hang: `python flaky_server.py SHARE`, the share of calls that do, in percent.

Which calls hang is the same in every run: by the hash of how many there were.
"""

from __future__ import annotations

import hashlib
import sys

import anyio
from mcp.server import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("repository")
calls = 0


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
async def latest_commit() -> str:
    """The latest commit of the repository."""
    global calls
    calls += 1
    if hashlib.sha256(f"{calls}".encode()).digest()[0] * 100 < int(sys.argv[1]) * 256:
        await anyio.sleep(3600)
    return f"The latest commit is {calls:07x}."


if __name__ == "__main__":
    server.run()
