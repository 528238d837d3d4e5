"""Whether anybody listens at an address, found out without an HTTP library."""

from __future__ import annotations

from urllib.parse import urlsplit

#: On this machine a refusal comes at once; elsewhere this is what a run without a model may lose.
_SECONDS = 0.5


def listens(base_url: str) -> bool:
    """Whether a connection is accepted within half a second. Nothing is sent."""
    import socket

    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection(("127.0.0.1" if host == "localhost" else host, port), timeout=_SECONDS):
            return True
    except (OSError, ValueError):
        return False
