"""The file of the questions and this process's connections to it: one to read, one to write, one for who waits.

Every write is one transaction that is flushed to the disk before it is left. Reading takes no lock, so neither readers
nor those who wait for an answer hold anybody up.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workflow_cli.adapters.private_file import make_private
from workflow_cli.adapters.sqlite_begin import begun
from workflow_cli.adapters.state_directory import STATE_DIRECTORY, make_state_directory
from workflow_cli.adapters.state_file import is_there, unreadable
from workflow_cli.errors import DocumentError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.adapters.answer_watch import AnswerWatch

SCHEMA = 1
QUESTIONS_FILE = "questions.db"
_BUSY_SECONDS = 30.0
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_TABLES = """
CREATE TABLE IF NOT EXISTS question (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, key TEXT NOT NULL UNIQUE, text TEXT NOT NULL, change TEXT,
    context TEXT NOT NULL, asked_at TEXT NOT NULL, priority INTEGER NOT NULL, expires_at TEXT, answer INTEGER
);
CREATE TABLE IF NOT EXISTS asker (
    question INTEGER NOT NULL REFERENCES question (number) ON DELETE CASCADE, position INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (question, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
    number INTEGER PRIMARY KEY AUTOINCREMENT, question INTEGER NOT NULL REFERENCES question (number) ON DELETE CASCADE,
    id TEXT NOT NULL, text TEXT NOT NULL, by TEXT, by_agent INTEGER NOT NULL, at TEXT NOT NULL, sources TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_question ON answer (question);
"""
_Found = TypeVar("_Found")


class QuestionDatabase:
    """Of the tree at `root`. Threads and children of this process may use it; the first write makes the file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.path = root / STATE_DIRECTORY / QUESTIONS_FILE
        self.closed = False
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        # Readers never wait for the disk, so an event loop may read while a thread writes.
        self._reading = threading.RLock()
        self._writing = threading.RLock()
        self._watch: AnswerWatch | None = None
        self._opened_by = os.getpid()

    def read(self, query: Callable[[sqlite3.Connection], _Found], without: _Found) -> _Found:
        """What a query finds, or `without` where there is no file; it need not be writable. Raises DocumentError."""
        with self._reading, self._reported():
            self._forget_after_fork()
            if self._reader is None:
                if not is_there(self.path):
                    return without
                if not self._is_writable():
                    # Not kept: somebody else may be allowed to write, and begin to.
                    with contextlib.closing(self._connect_read_only()) as database:
                        return query(database)
                self._reader = self._connect()
            return query(self._reader)

    @contextlib.contextmanager
    def transaction(self, *, without: WorkflowError | None = None) -> Iterator[sqlite3.Connection]:
        """One transaction, on the disk when it is left. Where there is no file, `without` is raised; without it one is made."""
        with self._writing, self._reported():
            self._forget_after_fork()
            if self._writer is None:
                if without is None:
                    make_state_directory(self._root)
                elif not is_there(self.path):
                    raise without
                self._writer = self._connect(create=without is None)
            database = self._writer
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")

    def watching(self) -> AnswerWatch:
        """What tells those who wait in this process of new answers."""
        from workflow_cli.adapters.answer_watch import AnswerWatch

        with self._reading:
            self._forget_after_fork()
            if self._watch is None:
                self._watch = AnswerWatch(self._connect)
            return self._watch

    def look(self) -> None:
        """Have those who wait look at once: something was answered just now."""
        if self._watch is not None:
            self._watch.look()

    def _connect(self, *, create: bool = False) -> sqlite3.Connection:
        return begun(lambda: self._connect_once(create=create), seconds=_BUSY_SECONDS)

    def _connect_once(self, *, create: bool) -> sqlite3.Connection:
        make_private(self.path, create=create)
        database = sqlite3.connect(self.path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            self._refuse_newer(version)
            if version == 0:
                database.execute("PRAGMA journal_mode=WAL")
                database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT;")
            database.execute("PRAGMA synchronous=FULL")
            database.execute("PRAGMA foreign_keys=ON")
        except BaseException:
            database.close()
            raise
        return database

    def _is_writable(self) -> bool:
        """Raises OSError where it may not be read either, or is no regular file."""
        try:
            make_private(self.path, create=False)
        except OSError as error:
            if error.errno not in _FORBIDDEN or not os.access(self.path, os.R_OK):
                raise
            return False
        return os.access(self.path.parent, os.W_OK)

    def _connect_read_only(self) -> sqlite3.Connection:
        # Without its log beside it, nobody is writing; SQLite could not make a log in a place that is read only.
        mode = "mode=ro" if os.path.exists(f"{self.path}-wal") else "mode=ro&immutable=1"
        database = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            self._refuse_newer(database.execute("PRAGMA user_version").fetchone()[0])
        except BaseException:
            database.close()
            raise
        return database

    def _refuse_newer(self, version: int) -> None:
        if version > SCHEMA:
            raise DocumentError(
                "the questions were written by a newer workflow", where=str(self.path), hint="update workflow"
            )

    def _forget_after_fork(self) -> None:
        """A connection must not be used, or closed, by a child of the process that opened it."""
        if self._opened_by != os.getpid():
            self._reader = self._writer = self._watch = None
            self._opened_by = os.getpid()

    def close(self) -> None:
        """Whoever still waits is told."""
        self.closed = True
        if self._watch is not None and self._opened_by == os.getpid():
            self._watch.close()
        with self._writing, self._reading:
            if self._opened_by == os.getpid():
                for connection in (self._reader, self._writer):
                    if connection is not None:
                        with contextlib.suppress(sqlite3.Error):
                            connection.close()
            self._reader = self._writer = self._watch = None

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise DocumentError(f"the questions cannot be used: {error}", where=str(self.path)) from error
        except sqlite3.DatabaseError as error:
            raise DocumentError(
                f"the file of the questions is damaged: {error}",
                where=str(self.path),
                hint="put a copy of it in its place, or move it away to begin anew",
            ) from error
        except OSError as error:
            raise unreadable(error, self.path, what="the questions cannot be opened: {}") from error
