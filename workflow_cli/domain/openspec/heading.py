"""ATX headings in column 0, which are the only headings OpenSpec knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workflow_cli.domain.openspec.text import js, trim

_BOUNDARY = js(r"(#{1,6})\s+")
_DEEPEST = 6
_HEADING = js(r"(#{1,6})\s+(.+)$")


class Heading(NamedTuple):
    """`line` counts from 0. `title` is None for a line that ends a section without opening one (`## ` alone)."""

    line: int
    level: int
    title: str | None

    def is_titled(self, title: str) -> bool:
        return self.title is not None and self.title.lower() == title.lower()


def headings(lines: Sequence[str], mask: Sequence[bool], hash_lines: Sequence[int] | None = None) -> Iterator[Heading]:
    """The headings in their order; `hash_lines` are the lines that begin with `#`, where they are known."""
    for index in range(len(lines)) if hash_lines is None else hash_lines:
        line = lines[index]
        if line[:1] != "#" or mask[index]:
            continue
        level = len(line) - len(line.lstrip("#"))
        if (
            level <= _DEEPEST
            and line[level : level + 1] == " "
            and _is_one_line(line)
            and (title := trim(line[level:]))
        ):
            # As nearly every heading is written. The patterns would find the same, in four times as long.
            yield Heading(index, level, title)
        elif full := _HEADING.match(line):
            yield Heading(index, len(full[1]), trim(full[2]))
        elif boundary := _BOUNDARY.match(line):
            yield Heading(index, len(boundary[1]), None)


def _is_one_line(line: str) -> bool:
    """Whether no separator in it ends the line for JavaScript."""
    return line.isascii() or ("\u2028" not in line and "\u2029" not in line)
