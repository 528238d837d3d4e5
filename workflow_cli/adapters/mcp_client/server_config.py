"""One server as configured: how it is reached, what it may do."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workflow_cli.adapters.mcp_client.variables import BadServer, expanded
from workflow_cli.app.answering.ports import Access
from workflow_cli.app.answering.tool_access import AccessRules

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
OWN_KEYS = ("command", "args", "env", "cwd", "url", "headers", "socket", "access", "tools", "timeout", "enabled")
#: Keys that hosts of servers write for an address, the first that is there counts.
_ADDRESSES = ("httpUrl", "url", "serverUrl")
_LOOPBACK = re.compile(r"localhost\.?|127(?:\.[0-9]{1,3}){3}|::1", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerConfig:
    """`shown` is how a person reads where it leads, variables unexpanded, so that no secret is in it.

    Exactly one of `command`, `url` and `socket` is there; a socket's `url` path is in `socket_path`. `env` and
    `headers` are expanded and never shown. `problem` says why the server cannot be used; then nothing else counts.
    """

    name: str
    origin: str
    shown: str = ""
    command: tuple[str, ...] | None = field(default=None, repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: Path | None = None
    url: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    socket: Path | None = None
    socket_path: str = "/mcp"
    rules: AccessRules = field(default_factory=AccessRules)
    timeout: float | None = None
    enabled: bool = True
    problem: str | None = None

    @property
    def is_beyond_this_machine(self) -> bool:
        """Whether calls leave the machine; a command is a program of this one."""
        return self.url is not None and not is_loopback(self.url)


def is_loopback(url: str) -> bool:
    return bool(_LOOPBACK.fullmatch(urlsplit(url).hostname or ""))


def server_of(
    name: str, entry: Mapping[str, Any], *, origin: str, base: Path, environment: Mapping[str, str]
) -> ServerConfig:
    """The server that an entry of `mcp.servers` or of an `mcpServers` file describes; unknown keys are left alone.

    Relative paths start from `base`, where a command also runs unless `cwd` says otherwise. Raises BadServer.
    """
    server = ServerConfig(
        name=name, origin=origin, rules=rules_of(entry), timeout=timeout_of(entry), enabled=is_enabled(entry)
    )
    if not server.enabled:
        return server
    address = next((entry[key] for key in _ADDRESSES if entry.get(key) is not None), None)
    ways = [way for way in (entry.get("command"), address, entry.get("socket")) if way is not None]
    if len(ways) != 1:
        raise BadServer("say one of `command`, `url` and `socket`" if ways else "has no `command`, `url` or `socket`")
    headers = _texts(entry, "headers", environment)
    if entry.get("socket") is not None:
        where = _text(entry, "socket")
        return replace(server, shown=f"socket {where}", socket=_path(where, base, environment), headers=headers)
    if address is not None:
        if not isinstance(address, str):
            raise BadServer("`url` is a text")
        return replace(
            server, shown=address, headers=headers, **_reached_by(address, entry, headers, base, environment)
        )
    words = [_text(entry, "command"), *_list(entry, "args")]
    cwd = entry.get("cwd")
    return replace(
        server,
        shown=shlex.join(words),
        command=tuple(expanded(word, environment) for word in words),
        env=_texts(entry, "env", environment),
        cwd=base if cwd is None else _path(_text(entry, "cwd"), base, environment),
    )


def _reached_by(
    address: str, entry: Mapping[str, Any], headers: Mapping[str, str], base: Path, environment: Mapping[str, str]
) -> dict[str, Any]:
    url = expanded(address, environment)
    if url.startswith("unix:"):
        path, _, fragment = url.removeprefix("unix:").partition("#")
        socket = Path("/" + path.lstrip("/")) if path.startswith("/") else base / path
        return {"socket": socket, "socket_path": "/" + fragment.lstrip("/") if fragment else "/mcp"}
    if str(entry.get("type") or entry.get("transport") or "").lower() == "sse":
        raise BadServer("speaks the old SSE transport, which this client does not; ask it for streamable HTTP")
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fits = False
    if not fits:
        raise BadServer("its `url` is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise BadServer("its `url` holds a user name or password; put a token into `headers`")
    if parts.scheme == "http" and headers and not is_loopback(url):
        raise BadServer("its `headers` would be sent unencrypted: use https")
    return {"url": url}


def rules_of(entry: Mapping[str, Any]) -> AccessRules:
    """What the entry's `access` and `tools` allow. Raises BadServer."""
    given = entry.get("access", ["read"])
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, (list, tuple)):
        raise BadServer("`access` is a list of read, write and execute")
    return AccessRules(access=frozenset(_access(word) for word in words), tools=_tools(entry.get("tools")))


def _tools(given: Any) -> Mapping[str, Access | None] | None:
    # Other hosts write a list of what they allow by the same name; `*` in it means all.
    if given is None:
        return None
    if isinstance(given, Mapping):
        return {str(tool): None if word is None else _access(word) for tool, word in given.items()}
    if isinstance(given, (list, tuple)) and all(isinstance(tool, str) for tool in given):
        return dict.fromkeys(given)
    raise BadServer("`tools` is a list of names, or a mapping from names to read, write or execute")


def _access(word: Any) -> Access:
    try:
        return Access(word)
    except ValueError:
        raise BadServer(f"{str(word)[:40]!r} is none of read, write and execute") from None


def timeout_of(entry: Mapping[str, Any]) -> float | None:
    """Seconds a call may take. Raises BadServer."""
    seconds = entry.get("timeout")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= 3600:
        raise BadServer("`timeout` is a number of seconds, above 0 and up to 3600")
    return float(seconds)


def is_enabled(entry: Mapping[str, Any]) -> bool:
    """Either key, as hosts write them. Raises BadServer."""
    for key, enabled in (("enabled", True), ("disabled", False)):
        value = entry.get(key)
        if value is not None:
            if not isinstance(value, bool):
                raise BadServer(f"`{key}` is true or false")
            return value is enabled
    return True


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise BadServer(f"`{key}` is a text")
    return value


def _list(entry: Mapping[str, Any], key: str) -> Sequence[str]:
    values = entry.get(key) or []
    if not isinstance(values, (list, tuple)) or not all(_is_plain(value) for value in values):
        raise BadServer(f"`{key}` is a list of texts")
    return [_as_text(value) for value in values]


def _texts(entry: Mapping[str, Any], key: str, environment: Mapping[str, str]) -> dict[str, str]:
    values = entry.get(key) or {}
    if not isinstance(values, Mapping) or not all(_is_plain(value) for value in values.values()):
        raise BadServer(f"`{key}` is a mapping of texts")
    texts = {str(name): expanded(_as_text(value), environment) for name, value in values.items()}
    if any(sign in text for name, text in texts.items() for sign in "\0\r\n" if key == "headers" or sign == "\0"):
        raise BadServer(f"`{key}` holds a character that does not belong there")
    return texts


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, int, float)) and "\0" not in str(value)


def _as_text(value: str | int | float) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _path(text: str, base: Path, environment: Mapping[str, str]) -> Path:
    return base / Path(expanded(text, environment)).expanduser()
