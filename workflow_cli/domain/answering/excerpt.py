"""The lines of a passage that answer a question best, as they stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workflow_cli.domain.answering.query import Thing
from workflow_cli.domain.markdown.comments import commented
from workflow_cli.domain.words.terms import terms

_MOST_LINES = 12
_MOST_LETTERS = 900
_HEADING = re.compile(r" {0,3}#{1,6}(?=[ \t]|$)")
_LINE_END = re.compile(r"\r\n|\r|\n")


def excerpt(text: str, things: Sequence[Thing]) -> str:
    """At most a dozen neighbouring lines, never the heading alone; what is longer still is cut within its line.

    A passage that fits is taken whole, but for comments before and after its text. Of a longer one those lines are taken that
    have most of the things asked about, the earlier ones where several have as many.
    """
    lines = _LINE_END.split(text.strip("\r\n"))
    if len(lines) > 1 and _HEADING.match(lines[0]):
        lines = lines[1:]
    lines = _seen(lines)
    if not lines:
        return text.strip()
    first = 0 if len(lines) <= _MOST_LINES else _best_start(lines, things)
    chosen = "\n".join(lines[first : first + _MOST_LINES]).strip()
    return chosen if len(chosen) <= _MOST_LETTERS else _cut(chosen, things)


def _seen(lines: Sequence[str]) -> list[str]:
    """From the first to the last line that a reader sees."""
    shown = [
        n for n, (line, hidden) in enumerate(zip(lines, commented(lines), strict=True)) if line.strip() and not hidden
    ]
    return list(lines[shown[0] : shown[-1] + 1]) if shown else []


def _best_start(lines: Sequence[str], things: Sequence[Thing]) -> int:
    found = [frozenset(terms(line)) for line in lines]
    best, most = 0, -1
    for start in range(len(lines) - _MOST_LINES + 1):
        here = frozenset().union(*found[start : start + _MOST_LINES])
        held = sum(thing.is_in(here) for thing in things)
        # A list is read from the line that says what it is about.
        if held > most and lines[start].strip():
            best, most = start, held
    return best


def _cut(text: str, things: Sequence[Thing]) -> str:
    """A piece of the text of bounded length, begun where a word begins."""
    wanted = {term for thing in things for form in thing.forms for term in form}
    half = _MOST_LETTERS // 2
    best, most = 0, -1
    for start in range(0, max(len(text) - half, 1), half):
        held = len(wanted.intersection(terms(text[start : start + _MOST_LETTERS])))
        if held > most:
            best, most = start, held
    piece = text[best : best + _MOST_LETTERS]
    if best and not text[best - 1].isspace():
        piece = piece.partition(" ")[2] or piece
    if best + _MOST_LETTERS < len(text):
        piece = piece.rpartition(" ")[0] or piece
    return piece.strip()
