"""Where an answer of HTTP sends whoever asked, without what a location may carry of secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

_HOST = re.compile(r"[0-9A-Za-z._:-]{1,253}")
_USUAL = {"http": 80, "https": 443}


def is_redirect(status: int) -> bool:
    return 300 <= status < 400 and status != 304


def target_of(headers: Mapping[str, str], asked: str) -> str | None:
    """Scheme, host and port that the headers send to from the address `asked`; None where they name none."""
    return _origin(urljoin(asked, headers.get("location", "").strip())) if headers.get("location") else None


def leads_away(target: str, asked: str) -> bool:
    return target != _origin(asked)


def _origin(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _USUAL or host is None or not _HOST.fullmatch(host):
        return None
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port in (None, _USUAL[parts.scheme]) else f":{port}")
