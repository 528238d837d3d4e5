"""The lines of a file from its end: of a long one, only as much is read as is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_BLOCK = 1 << 18


def end_of_last_line(stream: BinaryIO, first: int, last: int, *, block: int = _BLOCK) -> int:
    """The position after the last line end in [first, last); `first` where there is none."""
    while last > first:
        begin = max(first, last - block)
        stream.seek(begin)
        found = stream.read(last - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        last = begin
    return first


def lines_backwards(stream: BinaryIO, first: int, last: int, *, block: int = _BLOCK) -> Iterator[bytes]:
    """Those of [first, last), which has to end with a line end or be empty: the last first, without their ends."""
    if last <= first:
        return
    at = last - 1
    later: list[bytes] = []  # parts of a line that begins further ahead, the last first
    while at > first:
        begin = max(first, at - block)
        stream.seek(begin)
        part, *lines = stream.read(at - begin).split(b"\n")
        if lines:
            lines[-1] = b"".join((lines[-1], *reversed(later)))
            yield from reversed(lines)
            later.clear()
        later.append(part)
        at = begin
    yield b"".join(reversed(later))
