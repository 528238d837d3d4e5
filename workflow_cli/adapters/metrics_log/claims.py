"""Which process reads which piece of a log: each its own, one after the other, and then those of others from their end.

So a process on a slow or busy core reads less, none waits long for another, and who reads on where it is need not find
out what came before. What is taken stands in a file that all of them have, a byte a piece, and whoever looks locks it:
the lock of a process that dies is gone with it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator


class Claims:
    """The claims of process number `process` of `count` on so many `pieces`."""

    def __init__(self, descriptor: int, *, pieces: int, process: int, count: int) -> None:
        self._descriptor = descriptor
        self._pieces = pieces
        self._process = process
        self._count = count

    def __iter__(self) -> Iterator[int]:
        while (number := self._next()) is not None:
            yield number

    def _next(self) -> int | None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
        try:
            taken = os.pread(self._descriptor, self._pieces, 0)
            for number in self._wanted():
                if not taken[number]:
                    os.pwrite(self._descriptor, b"\1", number)
                    return number
            return None
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def _wanted(self) -> Iterator[int]:
        yield from self._of(self._process)
        for other in range(1, self._count):
            yield from reversed(self._of((self._process + other) % self._count))

    def _of(self, process: int) -> range:
        return range(self._pieces * process // self._count, self._pieces * (process + 1) // self._count)


def nothing_claimed(pieces: int) -> int:
    """A descriptor of a file without a name. Raises OSError."""
    import tempfile  # only where a log is long

    with tempfile.TemporaryFile() as file:
        descriptor = os.dup(file.fileno())
    os.pwrite(descriptor, bytes(pieces), 0)
    return descriptor
