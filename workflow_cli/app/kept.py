"""Values that are expensive to make, kept as long as they do not take too much room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

#: Bytes of documents to keep. What is read from them takes about ten times as much.
ROOM = 4 * 1024 * 1024


class Kept(Generic[T]):
    """Keeps what it was asked for until ROOM is used up; after that everything else is made anew each time.

    `size` says how many bytes of documents a value holds.
    """

    def __init__(self, size: Callable[[T], int], room: int = ROOM) -> None:
        self._size = size
        self._left = room
        self._values: dict[str, T] = {}

    def get(self, name: str, make: Callable[[], T]) -> T:
        if name in self._values:
            return self._values[name]
        value = make()
        size = self._size(value)
        if size <= self._left:
            self._left -= size
            self._values[name] = value
        return value
