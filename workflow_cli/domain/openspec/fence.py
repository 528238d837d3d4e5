"""Which lines OpenSpec takes for the inside of a fenced code block.

This is OpenSpec's own rule, not CommonMark's: any indentation opens a fence, list markers and HTML comments
are not seen. `document.Document` sets both readings side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.openspec.text import js

_OPENER = js(r"\s*(`{3,}|~{3,})")
_CLOSER = js(r"\s*(`{3,}|~{3,})\s*$")


def fence_mask(lines: Sequence[str]) -> list[bool]:
    """For each line, whether it belongs to a fence, delimiters included. An unclosed fence runs to the end."""
    return _scan(lines)[0]


def text_mask(text: str, lines: Sequence[str]) -> list[bool]:
    """The mask of `lines`, which are those of `text`; most texts have no fence, and that is soon seen."""
    return fence_mask(lines) if has_fence_marks(text) else [False] * len(lines)


def has_fence_marks(text: str) -> bool:
    """Whether a fence can be in the text at all."""
    return "```" in text or "~~~" in text


def unclosed_fence(lines: Sequence[str]) -> int | None:
    """The line, from 0, of a fence that is opened and never closed."""
    return _scan(lines)[1]


def _scan(lines: Sequence[str]) -> tuple[list[bool], int | None]:
    mask = [False] * len(lines)
    marker = ""
    opened: int | None = None
    for index, line in enumerate(lines):
        if marker:
            mask[index] = True
            if marker in line and (closer := _CLOSER.match(line)) and closer[1].startswith(marker):
                marker, opened = "", None
        elif ("```" in line or "~~~" in line) and (opener := _OPENER.match(line)):
            mask[index] = True
            marker, opened = opener[1], index
    return mask, opened
