"""The Purpose of a spec: when it is still a placeholder, and what a delta's Purpose carries over."""

from __future__ import annotations

import re
import unicodedata

from workflow_cli.domain.markdown.comments import blanked_comments
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.fence import fence_mask
from workflow_cli.domain.openspec.text import js, normalize_line_ends, trim

MIN_LENGTH = 50

_PLACEHOLDER_START = "TBD - created by archiving change "
_PLACEHOLDER_END = ". Update Purpose after archive."
_MARKER = re.compile(r"(?:TBD|TODO)", re.A | re.I)
_MARKER_PUNCTUATION = re.compile(r"[ \t]*(?:\Z|\n|[:\-\u2013\u2014.,;()\[\]{}])")
_HEADER = re.compile(r" {0,3}##(?!#)[ \t]+Purpose[ \t]*\Z", re.A | re.I)
_NEXT_HEADER = re.compile(r" {0,3}#{1,2}(?!#)[ \t]+")
_SECTION_HEADER = js(r"##\s+Purpose\s*$", re.A | re.I)
_TOP_LEVEL = js(r"##\s+")


def placeholder(change: str) -> str:
    """What archiving writes as the Purpose of a new spec whose delta has none."""
    return f"{_PLACEHOLDER_START}{change}{_PLACEHOLDER_END}"


def is_placeholder(purpose: str) -> bool:
    prose = _prose(purpose)
    return _starts_with_marker(prose) or _generated_at(prose) is not None


def placeholder_line(document: Document, purpose: str) -> int | None:
    """The line, counted from 0, that carries the placeholder; None where no single line can be named."""
    lines = normalize_line_ends(document.raw).split("\n")
    mask = fence_mask(lines)
    start = next((i for i, line in enumerate(lines) if not mask[i] and _HEADER.match(line)), None)
    if start is None:
        return None
    body: list[int] = []
    for index in range(start + 1, len(lines)):
        if mask[index]:
            continue
        if _NEXT_HEADER.match(lines[index]):
            break
        body.append(index)
    if _starts_with_marker(_prose(purpose)):
        return next((i for i in body if trim(lines[i])), None)
    text = "\n".join(lines[i] for i in body)
    at = _generated_at(text)
    return None if at is None else body[text.count("\n", 0, at)]


def _prose(text: str) -> str:
    lines = normalize_line_ends(text).split("\n")
    mask = fence_mask(lines)
    return trim("\n".join(line for line, masked in zip(lines, mask, strict=True) if not masked))


def _starts_with_marker(prose: str) -> bool:
    marker = _MARKER.match(prose)
    if not marker:
        return False
    following = prose[marker.end() : marker.end() + 1]
    if following and (following == "_" or unicodedata.category(following)[0] in "LNM"):
        return False
    return marker[0].isupper() or _MARKER_PUNCTUATION.match(prose, marker.end()) is not None


def _generated_at(text: str) -> int | None:
    end = text.find(_PLACEHOLDER_END)
    while end != -1:
        # The sentence may start at any index up to its end's, hence the added length.
        start = text.rfind(_PLACEHOLDER_START, 0, end + len(_PLACEHOLDER_START))
        if start != -1:
            return start
        end = text.find(_PLACEHOLDER_END, end + 1)
    return None


def purpose_section(raw: str) -> str | None:
    """The body of `## Purpose` as a merge reads it: comments and fences are seen, emptiness means absence.

    The byte-order mark is not removed, so a Purpose on the first line of a file that has one is not found;
    OpenSpec does the same.
    """
    if "purpose" not in raw.lower():
        return None
    text = normalize_line_ends(raw)
    lines = text.split("\n")
    masked = blanked_comments(text).split("\n")
    fences = fence_mask(masked)

    def is_header(index: int, pattern: re.Pattern[str]) -> bool:
        return not fences[index] and pattern.match(masked[index]) is not None

    start = next((i for i in range(len(masked)) if is_header(i, _SECTION_HEADER)), None)
    if start is None:
        return None
    end = next((i for i in range(start + 1, len(masked)) if is_header(i, _TOP_LEVEL)), len(masked))
    if not any(trim(masked[i]) for i in range(start + 1, end) if not fences[i]):
        return None
    return trim("\n".join(lines[start + 1 : end])) or None
