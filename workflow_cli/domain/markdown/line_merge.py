"""Putting two edits of one text together, line by line."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Generic, TypeVar

Line = TypeVar("Line", bound=Hashable)


@dataclass(frozen=True, slots=True)
class LineEdit(Generic[Line]):
    """Lines `start` to `end` (exclusive, from 0) of the base become `lines`; an empty range inserts."""

    start: int
    end: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LineConflict:
    """The two sides touch the same lines; `line` is the first of them in the base, from 0."""

    line: int


def merge_lines(base: Sequence[Line], ours: Sequence[Line], theirs: Sequence[Line]) -> list[Line] | LineConflict:
    """`base` with both sides' edits, or where they collide.

    Edits collide that share a line of the base, or where one inserts beside what the other writes, since nothing
    says which comes first. The very same edit on both sides is made once.
    """
    edits = sorted({*line_edits(base, ours), *line_edits(base, theirs)}, key=lambda e: (e.start, e.end))
    for left, right in pairwise(edits):
        if _collide(left, right):
            return LineConflict(right.start)
    merged: list[Line] = []
    done = 0
    for edit in edits:
        merged += base[done : edit.start]
        merged += edit.lines
        done = edit.end
    return [*merged, *base[done:]]


def line_edits(before: Sequence[Line], after: Sequence[Line]) -> list[LineEdit[Line]]:
    """The fewest whole-line edits difflib finds that turn one text into the other."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    tail = 0
    while tail < min(len(before), len(after)) - first and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    matcher = SequenceMatcher(
        None, before[first : len(before) - tail], after[first : len(after) - tail], autojunk=False
    )
    return [
        LineEdit(first + b1, first + b2, tuple(after[first + a1 : first + a2]))
        for kind, b1, b2, a1, a2 in matcher.get_opcodes()
        if kind != "equal"
    ]


def _collide(left: LineEdit[Line], right: LineEdit[Line]) -> bool:
    if right.start != left.end:
        return right.start < left.end
    insertion, other = (left, right) if left.start == left.end else (right, left)
    return insertion.start == insertion.end and other.lines != ()
