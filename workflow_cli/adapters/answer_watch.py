"""Tells those who wait that an answer has come, whichever process gave it.

One thread for all who wait in this process. It asks SQLite whether anybody committed something, which costs a few
microseconds and takes no lock, and only then reads the new answers. It ends when nobody waits.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator

from workflow_cli.errors import WorkflowError

_SHORTEST = 0.02
_LONGEST = 0.25

Tell = Callable[[], object]


class AnswerWatch:
    """`connect` opens a connection for the thread alone."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Tell]] = {}
        self._poke = threading.Event()
        self._thread: threading.Thread | None = None
        self._since = 0.0

    @contextlib.contextmanager
    def told(self, id: str, tell: Tell) -> Iterator[None]:
        """Inside, `tell` is called, in another thread and perhaps more than once, when the question is answered.

        An answer that was there before may not be told of: look for it inside.
        """
        with self._lock:
            self._waiting.setdefault(id, []).append(tell)
            self._since = time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="answers", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._waiting[id].remove(tell)
                if not self._waiting[id]:
                    del self._waiting[id]
            self._poke.set()

    def look(self) -> None:
        """Look at once: this process has just answered something."""
        self._poke.set()

    def close(self) -> None:
        """Whoever still waits is told, and finds nothing."""
        with self._lock:
            thread, tells = self._thread, [tell for told in self._waiting.values() for tell in told]
            self._thread = None
        for tell in tells:
            _tell(tell)
        self._poke.set()
        if thread is not None:
            thread.join()

    # -- the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        database: sqlite3.Connection | None = None
        # From the first answer on: one that came between the caller's look and this thread's must not be missed.
        version, last = -1, 0
        try:
            while self._goes_on():
                try:
                    database = database or self._connect()
                    # The version is read first: what comes after it makes the next one differ.
                    now = database.execute("PRAGMA data_version").fetchone()[0]
                    if now != version:
                        version, last = now, self._tell_of_answers(database, last)
                except (sqlite3.Error, OSError, WorkflowError):
                    # The others' time may be up before the file can be read again; this thread only helps.
                    _close(database)
                    database, version = None, -1
                self._poke.wait(self._pause())
                self._poke.clear()
        finally:
            _close(database)

    def _goes_on(self) -> bool:
        with self._lock:
            if self._thread is threading.current_thread() and self._waiting:
                return True
            if self._thread is threading.current_thread():
                self._thread = None
            return False

    def _tell_of_answers(self, database: sqlite3.Connection, last: int) -> int:
        for number, id in database.execute("SELECT number, id FROM answer WHERE number > ? ORDER BY number", (last,)):
            last = number
            with self._lock:
                tells = list(self._waiting.get(id, ()))
            for tell in tells:
                _tell(tell)
        return last

    def _pause(self) -> float:
        """Short while somebody has just begun to wait; people take longer, and so may this."""
        with self._lock:
            waited = time.monotonic() - self._since
        return min(_LONGEST, max(_SHORTEST, waited / 100))


def _tell(tell: Tell) -> None:
    with contextlib.suppress(RuntimeError):  # the event loop of who waited is closed
        tell()


def _close(database: sqlite3.Connection | None) -> None:
    if database is not None:
        with contextlib.suppress(sqlite3.Error):
            database.close()
