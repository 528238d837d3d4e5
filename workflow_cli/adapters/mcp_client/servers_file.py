"""The files in which hosts of MCP servers list them: `mcpServers`, `servers` or `context_servers`, in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow_cli.errors import SettingsError

MAX_BYTES = 1 << 20
_TOP_KEYS = ("mcpServers", "servers", "context_servers")
_WAYS = ("command", "url", "httpUrl", "serverUrl", "socket")


def read_servers_file(path: Path) -> dict[str, Mapping[str, Any]]:
    """The entries by name, as they stand. Raises SettingsError for a file that has none in any of these forms.

    A name that other hosts allow and this program does not has its odd characters replaced by hyphens.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _fault(path, f"cannot read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise _fault(path, f"larger than {MAX_BYTES} bytes")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _fault(path, f"not JSON: {error}") from error
    return _by_name(path, _entries(path, content))


def _entries(path: Path, content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise _fault(path, "expected an object")
    for key in _TOP_KEYS:
        if key in content:
            if not isinstance(content[key], dict):
                raise _fault(path, f"{key}: expected an object")
            return dict(content[key])
    bare = {
        name: entry for name, entry in content.items() if isinstance(entry, dict) and any(w in entry for w in _WAYS)
    }
    if not bare:
        raise _fault(path, "lists no server: expected an object `mcpServers`")
    return bare


def _by_name(path: Path, entries: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    named: dict[str, Mapping[str, Any]] = {}
    for original, entry in entries.items():
        if not isinstance(entry, dict):
            raise _fault(path, f"{original}: expected an object")
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", original).strip("-_")[:64] or "server"
        if name in named:
            raise _fault(path, f"two servers are called {name}")
        named[name] = entry
    return named


def _fault(path: Path, message: str) -> SettingsError:
    return SettingsError((f"{path}: {message}",), hint="name another file in mcp.file, or correct this one")
