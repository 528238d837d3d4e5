"""A box of real sessions with the hand-written server, on each of the three transports."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflow_cli.adapters.mcp_client.configured import configured_servers
from workflow_cli.adapters.mcp_client.definitions import config_hash
from workflow_cli.adapters.mcp_client.pin_file import PinFile
from workflow_cli.adapters.mcp_client.server_config import ServerConfig
from workflow_cli.adapters.mcp_client.tool_servers import Limits, ToolServers

SERVER = Path(__file__).with_name("mcp_server.py")
REPOSITORY = Path(__file__).parents[2]


def pins_at(root: Path) -> PinFile:
    return PinFile(root, lambda _make: b"k" * 32)


def fake(mode: str, **more: Any) -> dict[str, Any]:
    """The entry of the hand-written server as a program."""
    return {"command": sys.executable, "args": [str(SERVER), mode], **more}


def configs(root: Path, servers: Mapping[str, Mapping[str, Any]]) -> tuple[ServerConfig, ...]:
    return configured_servers(
        servers,
        origin=lambda _name: "workflow.yaml",
        file=None,
        socket=None,
        socket_origin="",
        root=root,
        environment=os.environ,
    )


def box_of(
    root: Path,
    servers: Mapping[str, Mapping[str, Any]],
    *,
    record: Callable[[Mapping[str, object]], None] | None = None,
    **limits: Any,
) -> ToolServers:
    chosen = {
        "timeout": 30.0,
        "connect_timeout": 30.0,
        "max_result_bytes": 4096,
        "concurrency": 4,
        "trusting": True,
        **limits,
    }
    return ToolServers(configs(root, servers), pins=pins_at(root), root=root, limits=Limits(**chosen), record=record)


async def approve(root: Path, servers: Mapping[str, Mapping[str, Any]]) -> None:
    """As `workflow mcp approve` does, for each of them."""
    async with box_of(root, servers, trusting=False) as box:
        for server in configs(root, servers):
            _, definitions = await box.inspect(server)
            pins_at(root).approve(server.name, config_hash(server), definitions, by="Jo", at="2026-03-01T12:00:00Z")


@contextmanager
def served(
    mode: str, *, socket: Path | None = None, port_file: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The hand-written server listening in a process of its own."""
    where = ["--socket", str(socket)] if socket else ["--port-file", str(port_file)]
    place = socket or port_file
    assert place is not None
    place.unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, str(SERVER), mode, *where])
    try:
        deadline = time.monotonic() + 60
        while not place.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()


def is_running(pid: int) -> bool:
    """Whether a process is there; one that has ended and was not waited for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
