"""All servers that are configured, from every place where they can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow_cli.adapters.mcp_client.server_config import ServerConfig, server_of
from workflow_cli.adapters.mcp_client.servers_file import read_servers_file
from workflow_cli.adapters.mcp_client.variables import BadServer

#: The name of the server behind `sockets.mcp`.
ORCHESTRATOR = "orchestrator"
_WAYS = ("command", "url", "httpUrl", "serverUrl", "socket")
_POLICY = ("access", "tools", "timeout", "enabled")


def configured_servers(
    servers: Mapping[str, Mapping[str, Any]],
    *,
    origin: Callable[[str], str],
    file: Path | None,
    socket: Path | None,
    socket_origin: str,
    root: Path,
    environment: Mapping[str, str],
) -> tuple[ServerConfig, ...]:
    """Those of the settings, of the `mcpServers` file and of the socket, in this order of strength.

    `origin` tells where a server of the settings is configured. An entry of them without `command`, `url` or `socket`
    says what a server of the file, or the one behind the socket, may do. A server that cannot be used as configured
    is there with its `problem`. Raises SettingsError where the file as a whole cannot be read.
    """
    found: dict[str, ServerConfig] = {}
    for name, entry, where, base in _entries(servers, origin, file, socket, socket_origin, root):
        try:
            found[name] = server_of(name, entry, origin=where, base=base, environment=environment)
        except BadServer as error:
            found[name] = ServerConfig(name=name, origin=where, problem=str(error))
    return tuple(found.values())


def _entries(
    servers: Mapping[str, Mapping[str, Any]],
    origin: Callable[[str], str],
    file: Path | None,
    socket: Path | None,
    socket_origin: str,
    root: Path,
) -> Iterator[tuple[str, Mapping[str, Any], str, Path]]:
    elsewhere: dict[str, tuple[Mapping[str, Any], str, Path]] = {}
    if file is not None:
        for name, entry in read_servers_file(file).items():
            # `access` and the like are this program's own words: in a file for other hosts they mean something else.
            plain = {key: value for key, value in entry.items() if key not in ("access", "tools", "timeout")}
            elsewhere[name] = (plain, str(file), root)
    if socket is not None:
        elsewhere.setdefault(ORCHESTRATOR, ({"socket": str(socket)}, socket_origin, root))
    for name, (entry, where, base) in elsewhere.items():
        if not any(way in servers.get(name, {}) for way in _WAYS):
            policy = {key: value for key, value in servers.get(name, {}).items() if key in _POLICY}
            yield name, {**entry, **policy}, where, base
    for name, entry in servers.items():
        if name not in elsewhere or any(way in entry for way in _WAYS):
            yield name, entry, origin(name), root
