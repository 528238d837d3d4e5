"""The record of finished steps, in the state database: what lets a second run reuse the first one's results."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from workflow_cli.adapters.state_database import open_state
from workflow_cli.domain.whole_text import whole_text
from workflow_cli.errors import fault_told

_TABLE = """
CREATE TABLE IF NOT EXISTS step (
    item TEXT NOT NULL, step TEXT NOT NULL, key TEXT NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (item, step)
) WITHOUT ROWID
"""


class SqliteStepRecord:
    """One row for each item and step: the key of its inputs, and the result as JSON.

    A record that cannot be opened, read or written never stops a run: the reason is in `degraded`, and the
    steps are simply taken again. A damaged database is put aside.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.degraded: str | None = None
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection | None:
        try:
            connection, self.degraded = open_state(self._path, _TABLE)
            return connection
        except (OSError, sqlite3.Error) as error:
            self.degraded = f"no step can be recorded: {fault_told(error, self._path)}"
            return None

    def get(self, item: str, step: str, key: str) -> Any | None:
        """The result recorded for exactly these inputs, or None."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute(
                "SELECT result FROM step WHERE item = ? AND step = ? AND key = ?", (whole_text(item), step, key)
            ).fetchone()
            return json.loads(row[0]) if row else None
        except (sqlite3.Error, ValueError) as error:
            self._give_up(error)
            return None

    def put(self, item: str, step: str, key: str, result: Any) -> None:
        """Record a result; durable against the end of this process at once."""
        if self._connection is None:
            return
        try:
            self._connection.execute(
                "INSERT OR REPLACE INTO step VALUES (?, ?, ?, ?)",
                (whole_text(item), step, key, json.dumps(result, ensure_ascii=True, separators=(",", ":"))),
            )
        except sqlite3.Error as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        self.degraded = f"no step can be recorded: {fault_told(error, self._path)}"
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
