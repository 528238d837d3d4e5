"""`.workflow/mcp-pins.json`: which servers and which definitions of their tools a person approved."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow_cli.adapters.mcp_client.definitions import Definition, canonical
from workflow_cli.adapters.state_directory import STATE_DIRECTORY, make_state_directory
from workflow_cli.adapters.state_file import unreadable
from workflow_cli.errors import DocumentError

NAME = "mcp-pins.json"
SCHEMA = 1
MAX_BYTES = 8 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Pinned:
    """One server's approval: the hash of its configuration, and of each of its tools' definitions."""

    config: str
    by: str
    at: str
    tools: Mapping[str, str] = field(default_factory=dict)


class PinFile:
    """`key` gives the account's key, to make one with True; what another key marked counts as not approved."""

    def __init__(self, root: Path, key: Callable[[bool], bytes | None]) -> None:
        self._root = root
        self._path = root / STATE_DIRECTORY / NAME
        self._key = key
        self.problem: str | None = None

    def read(self) -> dict[str, Pinned]:
        """Every approval, by server. None of a file that is damaged or was not made here: `problem` says so.

        Raises DocumentError for one that may not be read: nobody knows then what was approved.
        """
        self.problem = None
        data = self._bytes()
        if data is None:
            return {}
        try:
            document = json.loads(data)
            servers = document["servers"]
            found = {name: _pinned(entry) for name, entry in servers.items()}
            mark = document["mark"]
            if document["schema"] != SCHEMA or not isinstance(mark, str):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.problem = f"{STATE_DIRECTORY}/{NAME} is damaged: approve the servers again"
            return {}
        key = self._key(False)
        if key is None or not hmac.compare_digest(_mark(key, servers), mark):
            self.problem = f"{STATE_DIRECTORY}/{NAME} was not made by this account: approve the servers again"
            return {}
        return found

    def approve(self, server: str, config: str, tools: Sequence[Definition], *, by: str, at: str) -> None:
        """Put one server's approval in the place of any before. Raises DocumentError where it cannot be kept."""
        hashes = {tool.name: tool.hash for tool in tools if tool.problem is None}
        with self._locked():
            self._write({**self.read(), server: Pinned(config=config, by=by, at=at, tools=hashes)})

    def revoke(self, server: str) -> bool:
        """Forget one server's approval; whether there was one."""
        with self._locked():
            pins = self.read()
            found = pins.pop(server, None) is not None
            if found:
                self._write(pins)
            return found

    def _bytes(self) -> bytes | None:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise unreadable(error, self._path) from error
        except OSError:
            return b""  # a link, a directory: damaged
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(MAX_BYTES + 1)
        return data if len(data) <= MAX_BYTES else b""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Two approvals at once keep both."""
        make_state_directory(self._root)
        lock = self._path.with_name(f"{NAME}.lock")
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unreadable(error, lock, what="cannot lock: {}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _write(self, pins: Mapping[str, Pinned]) -> None:
        key = self._key(True)
        assert key is not None, "a key was to be made"
        servers = {name: _plain(pinned) for name, pinned in sorted(pins.items())}
        document = {"schema": SCHEMA, "servers": servers, "mark": _mark(key, servers)}
        temporary = self._path.with_name(f".{NAME}.{os.urandom(6).hex()}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write((json.dumps(document, indent=1) + "\n").encode())
                file.flush()
                os.fsync(descriptor)
            os.replace(temporary, self._path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise DocumentError(f"cannot write: {error.strerror}", where=str(self._path)) from error


def _mark(key: bytes, servers: Mapping[str, Any]) -> str:
    return hmac.new(key, canonical(servers), hashlib.sha256).hexdigest()


def _plain(pinned: Pinned) -> dict[str, Any]:
    return {"config": pinned.config, "by": pinned.by, "at": pinned.at, "tools": dict(sorted(pinned.tools.items()))}


def _pinned(entry: Any) -> Pinned:
    values = (entry["config"], entry["by"], entry["at"], *entry["tools"].keys(), *entry["tools"].values())
    if not all(isinstance(value, str) for value in values):
        raise TypeError
    return Pinned(config=entry["config"], by=entry["by"], at=entry["at"], tools=dict(entry["tools"]))
