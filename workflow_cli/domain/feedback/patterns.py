"""Messages without what differs from case to case, so that the same fault counts as one."""

from __future__ import annotations

import re

_CHANGING = re.compile(
    r"(?P<text>\"[^\"]*\"|'[^']*'|`[^`]*`)"
    r"|(?P<path>(?:[A-Za-z]:)?[\w.@~-]*(?:[/\\][\w.@~ +-]+)+)"
    r"|(?P<id>\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F]{6,}(?:-[0-9a-fA-F]{2,})*\b)"
    r"|(?P<number>\d+(?:[.,:]\d+)*)"
)
_SPACE = re.compile(r"\s+")
_MOST = 160


def pattern_of(message: str) -> str:
    """One line; quoted texts, paths, ids and numbers are named by what they are."""
    line = _SPACE.sub(" ", message[: 4 * _MOST]).strip()
    line = _CHANGING.sub(lambda found: f"<{found.lastgroup}>", line)
    line = "".join(character if character.isprintable() else "?" for character in line)
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"
