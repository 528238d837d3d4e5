"""A real MCP server of which most calls hang: `python weather_server.py SHARE`, the share of calls that do, in percent.

Which calls hang is the same in every run: by the hash of how many there were.
"""

from __future__ import annotations

import hashlib
import sys

import anyio
from mcp.server import MCPServer
from mcp.types import ToolAnnotations

server = MCPServer("weather")
calls = 0


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
async def weather_report() -> str:
    """The weather report."""
    global calls
    calls += 1
    if hashlib.sha256(f"{calls}".encode()).digest()[0] * 100 < int(sys.argv[1]) * 256:
        await anyio.sleep(3600)
    return f"Report {calls}: sunny."


if __name__ == "__main__":
    server.run()
