"""What answering keeps in the state database: answers, breakers, leases. All of it may be lost."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from workflow_cli.adapters.state_database import open_state
from workflow_cli.errors import fault_told

#: Why a breaker opened has a table of its own: databases that are there have `breaker` as it is.
_TABLES = """
CREATE TABLE IF NOT EXISTS answer (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, served INTEGER NOT NULL, provisional INTEGER NOT NULL,
    at REAL NOT NULL, expires_at REAL, value TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_at ON answer (at);
CREATE TABLE IF NOT EXISTS breaker (
    answerer TEXT PRIMARY KEY, failures INTEGER NOT NULL, until REAL, openings INTEGER NOT NULL, kind TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS breaker_reason (answerer TEXT PRIMARY KEY, why TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease (
    key TEXT PRIMARY KEY, token TEXT NOT NULL, until REAL NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    result TEXT
);
"""
_Result = TypeVar("_Result")


class AnsweringState:
    """One connection for all three. Where the database cannot be used they are kept in memory, and `degraded` says
    so: then nothing is shared with other processes, and nothing else is different."""

    def __init__(self, path: Path | None) -> None:
        self.degraded: str | None = None
        self._path = path
        self._connection = self._in_memory() if path is None else self._open(path)

    def _open(self, path: Path) -> sqlite3.Connection:
        try:
            connection, self.degraded = open_state(path, _TABLES, shared_by_threads=True)
        except (OSError, sqlite3.Error) as error:
            self.degraded = f"answers are not kept: {fault_told(error, path)}"
            return self._in_memory()
        return connection

    def _in_memory(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.executescript(_TABLES)
        return connection

    def use(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """What `work` gives; where the database fails, what it gives on an empty one in memory."""
        try:
            return work(self._connection)
        except sqlite3.Error as error:
            self.degraded = f"answers are not kept: {error if self._path is None else fault_told(error, self._path)}"
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = self._in_memory()
            return work(self._connection)

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
