"""HTML comments in Markdown, which nobody sees who reads the document; three ways to do without them.

By whole lines, for text that is quoted: every line that stays is the document's own. Blanked, for structure that is looked for:
every character stays where it was. Cut, for prose: only lines stay where they were, and words move together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FENCE = re.compile(r"\s*(?P<mark>`{3,}|~{3,})")
_OPENS = re.compile(r"\s*(?:[-*+]\s+|\d{1,9}[.)]\s+)?<!--")
_CLOSES = "-->"
#: One that is never closed runs to the end. HTML closes one by `--!>` too.
_COMMENT = re.compile(r"<!--.*?(?:--!?>|\Z)", re.S)
_NOT_LINE_END = re.compile(r"[^\n]")


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


def without_commented_lines(text: str) -> str:
    """The text without those lines."""
    if "<!--" not in text:
        return text
    lines = text.split("\n")
    return "\n".join(line for line, hidden in zip(lines, commented(lines), strict=True) if not hidden)


def blanked_comments(text: str) -> str:
    """The text with white space for each character of a comment."""
    return _COMMENT.sub(lambda comment: _NOT_LINE_END.sub(" ", comment[0]), text)


def cut_comments(text: str) -> str:
    """The text without comments, in as many lines."""
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
