"""The lines of a log, so many bytes at a time."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence

from workflow_cli.adapters.metrics_log.files import Part, open_log
from workflow_cli.adapters.metrics_log.lines import LONGEST_LINE

#: How much is decoded at a time, as much as a processor's cache holds with the events made of it: a megabyte at a time
#: takes a quarter longer.
BLOCK = 1 << 18


def size_of(parts: Sequence[Part]) -> int:
    """In bytes."""
    return sum(part.end - part.start for part in parts)


def blocks_of(parts: Sequence[Part], size: int) -> Iterator[memoryview]:
    """Whole lines, about `size` bytes at a time. What is given holds until the next is asked for.

    A line that is far too long is cut, and spoilt, so that it is no event.
    """
    room = bytearray(size + LONGEST_LINE + 1)
    view = memoryview(room)
    for part in parts:
        descriptor = open_log(part.path)
        try:
            with io.FileIO(descriptor, closefd=False) as file:
                file.seek(part.start)
                left, rest = part.end - part.start, 0
                while left:
                    read = file.readinto(view[rest : rest + min(size, left)])
                    if not read:
                        break  # it was made shorter meanwhile
                    left -= read
                    filled = rest + read
                    cut = room.rfind(b"\n", rest, filled) + 1
                    if not cut:
                        rest = min(filled, LONGEST_LINE)
                        continue
                    if filled > LONGEST_LINE and room.find(b"\n", rest, filled) >= LONGEST_LINE:
                        room[0] = 0
                    yield view[:cut]
                    rest = filled - cut
                    room[:rest] = room[cut:filled]
                if rest:
                    if rest >= LONGEST_LINE:
                        room[0] = 0
                    room[rest] = 10
                    yield view[: rest + 1]
        finally:
            os.close(descriptor)


def cut(parts: Sequence[Part], sizes: Sequence[int]) -> list[list[Part]]:
    """Pieces of about so many bytes each, cut where a line begins; what is left over is in the last."""
    pieces: list[list[Part]] = [[]]
    room = sizes[0]
    for part in parts:
        start = part.start
        while part.end - start > room and len(pieces) < len(sizes):
            middle = line_from(part, start + room)
            if middle > start:
                pieces[-1].append(Part(path=part.path, start=start, end=middle))
            start, room = middle, sizes[len(pieces)]
            pieces.append([])
        if part.end > start:
            pieces[-1].append(Part(path=part.path, start=start, end=part.end))
            room -= part.end - start
    return [piece for piece in pieces if piece]


def line_from(part: Part, at: int) -> int:
    """Where the first line of the part begins that does not begin before `at`, which is after its start; else its end."""
    descriptor = open_log(part.path)
    try:
        while at < part.end:
            data = os.pread(descriptor, min(65536, part.end - at), at - 1)
            if (found := data.find(b"\n")) >= 0:
                return at + found
            if not data:
                break  # it was made shorter meanwhile
            at += len(data)
        return part.end
    finally:
        os.close(descriptor)
