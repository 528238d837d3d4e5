"""The kind of value that `mcp.servers` has: servers by name, each with how it is reached and what it may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from workflow_cli.settings.kinds import BadValue, each_part, shown
from workflow_cli.settings.secret import Secret

_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_SECRET = ("env", "headers")


class McpServers:
    """A mapping from names to servers. Values of `env` and `headers` become secrets: only their names are shown."""

    expected = "a mapping from names to servers, each with command, url or socket"

    def parse(self, value: Any) -> Mapping[str, Mapping[str, Any]]:
        if not isinstance(value, Mapping):
            raise BadValue(f"expected {self.expected}, found {shown(value)}")
        return MappingProxyType(each_part(value, self._server))

    def _server(self, name: str, entry: Any) -> Mapping[str, Any]:
        if not re.fullmatch(_NAME, name):
            raise BadValue(f"{shown(name)}: a server's name has letters, digits, - and _", (name,))
        if not isinstance(entry, Mapping):
            raise BadValue(f"{name}: expected a mapping of keys", (name,))
        # Here, because nearly no command has a server to check.
        from workflow_cli.adapters.mcp_client.server_config import OWN_KEYS, is_enabled, rules_of, timeout_of
        from workflow_cli.adapters.mcp_client.variables import BadServer

        for key in entry:
            if key not in OWN_KEYS:
                raise BadValue(f"{name}: unknown key {key}; known are {', '.join(OWN_KEYS)}", (name, key))
        # Each key by itself: so it is known whose line to tell.
        for key, read in (("access", rules_of), ("tools", rules_of), ("timeout", timeout_of), ("enabled", is_enabled)):
            try:
                read({key: entry[key]} if key in entry else {})
            except BadServer as error:
                raise BadValue(f"{name}: {error}", (name, key)) from error
        for key in _SECRET:
            if entry.get(key) is not None and not isinstance(entry[key], Mapping):
                raise BadValue(f"{name}: {key}: expected a mapping of texts", (name, key))
        return MappingProxyType({key: _hidden(key, item) for key, item in entry.items()})

    def from_text(self, text: str) -> Any:
        import json

        try:
            return json.loads(text)
        except ValueError:
            return text

    def schema(self) -> dict[str, Any]:
        texts = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
        access = {"enum": ["read", "write", "execute"]}
        properties = {
            "command": {"type": "string", "description": "A program that speaks MCP on its standard streams."},
            "args": {"type": "array", "items": {"type": ["string", "number"]}},
            "env": {**texts, "description": "Variables for it, beside a few that every server gets."},
            "cwd": {"type": "string", "description": "Where it runs; the root of the tree by default."},
            "url": {"type": "string", "description": "An address that speaks streamable HTTP."},
            "headers": {**texts, "description": "Sent with every request."},
            "socket": {"type": "string", "description": "A Unix socket that speaks streamable HTTP at /mcp."},
            "access": {"type": "array", "items": access, "default": ["read"], "description": "What its tools may do."},
            "tools": {
                "description": "The only tools to use, and what each does; * stands for the rest.",
                "anyOf": [
                    {"type": "array", "items": {"type": "string"}},
                    {"type": "object", "additionalProperties": {"anyOf": [access, {"type": "null"}]}},
                ],
            },
            "timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 3600},
            "enabled": {"type": "boolean", "default": True},
        }
        server = {"type": "object", "additionalProperties": False, "properties": properties}
        return {"type": "object", "propertyNames": {"pattern": f"^{_NAME}$"}, "additionalProperties": server}


def revealed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A server's entry with its secrets, for the one who starts it."""
    return {
        key: {name: value.reveal() if isinstance(value, Secret) else value for name, value in item.items()}
        if key in _SECRET and isinstance(item, Mapping)
        else item
        for key, item in entry.items()
    }


def _hidden(key: str, item: Any) -> Any:
    if key in _SECRET and isinstance(item, Mapping):
        return MappingProxyType({str(n): Secret(v) if isinstance(v, str) else v for n, v in item.items()})
    return tuple(item) if isinstance(item, list) else item
