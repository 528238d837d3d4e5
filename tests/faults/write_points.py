"""Every moment at which a commit changes something outside the process, so that a fault can be put there.

A point comes before each call that writes, one more in the middle of each write of bytes, and one around each
statement that the history is written with.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

#: Called with what is about to happen; may raise, or end the process.
Hook = Callable[[str], None]

CALLS = ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync", "fchmod", "ftruncate", "pwrite")


@contextlib.contextmanager
def watched(hook: Hook) -> Iterator[None]:
    """Inside, `hook` is called at every point."""

    def before(name: str) -> Any:
        real = getattr(os, name)

        def call(*arguments: Any, **named: Any) -> Any:
            hook(name)
            return real(*arguments, **named)

        return call

    real_open, real_write, real_connect = os.open, os.write, sqlite3.connect

    def open_(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT:
            hook("open")
        return real_open(path, flags, *rest, **named)

    def write(descriptor: int, data: Any) -> int:
        hook("write")
        half = len(data) // 2
        done = real_write(descriptor, data[:half]) if half else 0
        hook("write, half done")
        return done + real_write(descriptor, data[done:])

    class Database(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            word = statement.split()[0]
            if word in ("SELECT", "PRAGMA"):
                return super().execute(statement, *values)
            hook(f"before {word}")
            cursor = super().execute(statement, *values)
            hook(f"after {word}")
            return cursor

        def executescript(self, script: str) -> sqlite3.Cursor:
            hook("before script")
            cursor = super().executescript(script)
            hook("after script")
            return cursor

    def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
        if arguments[:1] == (":memory:",):
            return real_connect(*arguments, **named)  # nothing outside the process
        hook("connect")
        return real_connect(*arguments, factory=Database, **named)

    with contextlib.ExitStack() as stack:
        for name in CALLS:
            stack.enter_context(mock.patch.object(os, name, before(name)))
        stack.enter_context(mock.patch.object(os, "open", open_))
        stack.enter_context(mock.patch.object(os, "write", write))
        stack.enter_context(mock.patch.object(sqlite3, "connect", connect))
        yield


class At:
    """A hook that does something at the point of a given number, counting from 1."""

    def __init__(self, number: int, act: Callable[[], None]) -> None:
        self._number = number
        self._act = act
        self.points: list[str] = []

    def __call__(self, name: str) -> None:
        self.points.append(name)
        if len(self.points) == self._number:
            self._act()


def count(work: Callable[[], object]) -> list[str]:
    """The points that `work` passes, by name."""
    hook = At(0, lambda: None)
    with watched(hook):
        work()
    return hook.points
