"""Which process reads which piece of a log: each its own, one after the other, and then half of what another has left.

So a process on a slow or busy core reads less, and none waits long for another. Who reads on where it is need not find out
what came before, which may take as long as a piece: so whoever has taken one goes on with those that follow. What is taken
stands in a file that all of them have, a byte a piece, and whoever looks locks it: the lock of a process that dies is gone
with it.
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
        number = self._claim(None)
        while number is not None:
            yield number
            number = self._claim(number + 1)

    def _claim(self, following: int | None) -> int | None:
        fcntl.lockf(self._descriptor, fcntl.LOCK_EX)
        try:
            taken = os.pread(self._descriptor, self._pieces, 0)
            number = self._wanted([number for number in range(self._pieces) if not taken[number]], following)
            if number is not None:
                os.pwrite(self._descriptor, b"\1", number)
            return number
        finally:
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def _wanted(self, left: list[int], following: int | None) -> int | None:
        if following in left:
            return following
        of_each = [[number for number in left if number in self._of(process)] for process in range(self._count)]
        if own := of_each[self._process]:
            return own[0]
        # The last one is read sooner by whoever is at the one before it.
        most = max(of_each, key=len)
        return most[len(most) // 2] if len(most) > 1 else None

    def _of(self, process: int) -> range:
        return range(self._pieces * process // self._count, self._pieces * (process + 1) // self._count)


def nothing_claimed(pieces: int) -> int:
    """A descriptor of a file without a name. Raises OSError."""
    import tempfile  # only where a log is long

    with tempfile.TemporaryFile() as file:
        descriptor = os.dup(file.fileno())
    os.pwrite(descriptor, bytes(pieces), 0)
    return descriptor
