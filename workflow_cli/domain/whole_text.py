"""Names of files may hold bytes that are no UTF-8; databases and protocols take whole characters."""

from __future__ import annotations


def whole_text(text: str) -> str:
    """The same, with each such byte shown as its code, such as `\\udcff`, as it is in every output."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
