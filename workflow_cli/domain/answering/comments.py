"""Lines of Markdown that nobody sees who reads the document."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})")
_OPENS = re.compile(r"\s*(?:[-*+]\s+|\d{1,9}[.)]\s+)?<!--")
_CLOSES = "-->"


def commented(lines: Sequence[str]) -> list[bool]:
    """For each line whether it belongs to a comment that takes up lines of its own. What a code fence shows is seen."""
    found: list[bool] = []
    fence: str | None = None
    inside = False
    for line in lines:
        if not inside and (mark := _FENCE.match(line)):
            if fence is None:
                fence = mark["mark"]
            elif mark["mark"].startswith(fence) and not line[mark.end() :].strip():
                fence = None
        begin = None if inside or fence is not None else _OPENS.match(line)
        if begin is None and not inside:
            found.append(False)
            continue
        rest = line if begin is None else line[begin.end() :]
        _, end, after = rest.partition(_CLOSES)
        inside = not end
        # What follows the end of a comment is seen, and so is its line.
        found.append(not after.strip())
    return found


def without_comments(text: str) -> str:
    """The text without those lines."""
    if "<!--" not in text:
        return text
    lines = text.split("\n")
    return "\n".join(line for line, hidden in zip(lines, commented(lines), strict=True) if not hidden)
