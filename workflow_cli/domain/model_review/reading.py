"""A change's documents, cut into as many readings as a model's window needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.change import Change

_HEADING = re.compile(r"(?m)^(?=#{1,6}[ \t])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """Consecutive lines of one document: `path` from the root, `line` of the first, counting from 1."""

    path: str
    line: int
    text: str


def excerpts_of(change: Change) -> list[Excerpt]:
    """Every document of the change, whole, what is to be built first, and what says why; empty ones left out."""
    documents = [
        *([change.proposal.document] if change.proposal else []),
        *(document for _, document in change.delta_documents),
        *([change.design] if change.design else []),
        *(document for _, document in change.task_documents),
    ]
    return [Excerpt(path=d.file, line=1, text=d.text) for d in documents if d.text.strip()]


def readings(
    excerpts: Sequence[Excerpt], *, room: int, count: Callable[[str], int], frame: int = 24
) -> list[list[Excerpt]]:
    """The excerpts in their order, as few readings as fit into `room` tokens each; `frame` is what one costs beside
    its text.

    A document that is too long is cut before a heading, or between lines where a part is still too long; a line that
    is too long by itself is left out, since half a line can neither be judged nor quoted. No room, no reading.
    """
    found: list[list[Excerpt]] = []
    taken = room
    for excerpt in excerpts:
        for piece in _pieces(excerpt, room - frame, count):
            cost = count(piece.text) + frame
            if not found or taken + cost > room:
                found.append([])
                taken = 0
            found[-1].append(piece)
            taken += cost
    return found


def _pieces(excerpt: Excerpt, room: int, count: Callable[[str], int]) -> Iterator[Excerpt]:
    if count(excerpt.text) <= room:
        yield excerpt
        return
    line = excerpt.line
    held: list[str] = []
    start = line
    for part in _parts(excerpt.text, room, count):
        if count(part) > room or (held and count("".join([*held, part])) > room):
            if held:
                yield Excerpt(path=excerpt.path, line=start, text="".join(held))
            held, start = [], line
        if count(part) <= room:
            held.append(part)
        line += part.count("\n")
        if not held:
            start = line
    if held:
        yield Excerpt(path=excerpt.path, line=start, text="".join(held))


def _parts(text: str, room: int, count: Callable[[str], int]) -> Iterator[str]:
    """Sections, and the lines of those that are too long; joined they are the text."""
    for section in filter(None, _HEADING.split(text)):
        if count(section) <= room:
            yield section
        else:
            yield from section.splitlines(keepends=True) if "\n" in section else [section]
