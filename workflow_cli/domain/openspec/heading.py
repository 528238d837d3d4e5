"""ATX headings in column 0, which are the only headings OpenSpec knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.text import js, trim

_BOUNDARY = js(r"(#{1,6})\s+")
_HEADING = js(r"(#{1,6})\s+(.+)$")


@dataclass(frozen=True, slots=True)
class Heading:
    """`line` counts from 0. `title` is None for a line that ends a section without opening one (`## ` alone)."""

    line: int
    level: int
    title: str | None

    def is_titled(self, title: str) -> bool:
        return self.title is not None and self.title.lower() == title.lower()


def headings(lines: Sequence[str], mask: Sequence[bool]) -> Iterator[Heading]:
    for index, line in enumerate(lines):
        if line[:1] != "#" or mask[index]:
            continue
        if boundary := _BOUNDARY.match(line):
            full = _HEADING.match(line)
            yield Heading(index, len(boundary[1]), trim(full[2]) if full else None)
