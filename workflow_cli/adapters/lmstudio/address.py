"""Addresses of model servers as people type them, and what is asked below them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from workflow_cli.adapters.network import is_loopback

#: Ends that people copy from somewhere; the root is before them. Longer ones first.
_ENDS = re.compile(
    r"(?:/(?:api/v[01]|v1))+(?:/(?:chat(?:/completions)?|completions|models|embeddings|responses|messages)/?)?$|/api$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """`root` is what all paths hang off, without a slash at its end; `label` names the server in events and errors."""

    root: str
    label: str
    host: str
    port: int

    def url(self, path: str) -> str:
        return self.root + path

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)


def address_of(base_url: str) -> Address:
    """The server of an address typed with or without `/v1`, a slash, or a whole endpoint."""
    parts = urlsplit(base_url.strip())
    host = parts.hostname or ""
    # LM Studio listens on IPv4 only; `localhost` would try ::1 first, which costs a delay or a refusal.
    host = "127.0.0.1" if host.lower() in ("localhost", "localhost.") else host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    shown = f"[{host}]" if ":" in host else host
    place = shown if parts.port is None else f"{shown}:{port}"
    path = _ENDS.sub("", re.sub(r"/{2,}", "/", parts.path).rstrip("/")).rstrip("/")
    return Address(
        root=urlunsplit((parts.scheme.lower(), place, path, "", "")), label=f"{place}{path}", host=host, port=port
    )
