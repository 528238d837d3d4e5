"""The tables of the passage index: in the state database where it can be used, else in memory."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from workflow_cli.adapters import passage_vectors
from workflow_cli.adapters.passage_rows import SEARCH_TABLES, TABLE_NAMES, TABLES
from workflow_cli.adapters.state_database import is_damage, open_state, put_aside, transaction, what_was_repaired
from workflow_cli.errors import fault_told

#: Raised whenever the same bytes would give other rows: the index is made anew.
_VERSION = "3"


def open_tables(path: Path | None, *, full_text: bool) -> tuple[sqlite3.Connection, str | None]:
    """A connection, and what was not as it should be. Without a `path` they are kept in memory."""
    if path is None:
        return tables_in_memory(full_text=full_text), None
    try:
        return _open_state(path, full_text)
    except (OSError, sqlite3.Error) as error:
        return tables_in_memory(full_text=full_text), kept_in_memory(error, path)


def tables_in_memory(*, full_text: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(_tables(full_text))
    connection.execute("INSERT INTO passage_index VALUES (?)", (_version(full_text),))
    return connection


def kept_in_memory(error: Exception, path: Path | None) -> str:
    """What is told of an index that is not in the state database."""
    return f"the index is kept in memory: {error if path is None else fault_told(error, path)}"


def _open_state(path: Path, full_text: bool) -> tuple[sqlite3.Connection, str | None]:
    connection, repaired = open_state(path, _tables(full_text), shared_by_threads=True)
    try:
        _begin_anew_if_older(connection, full_text)
    except sqlite3.Error as error:
        connection.close()
        if not is_damage(error):
            raise
        # Opening looks at the first page only; a second time it begins with an empty file.
        put_aside(path)
        connection, _ = open_state(path, _tables(full_text), shared_by_threads=True)
        _begin_anew_if_older(connection, full_text)
        repaired = what_was_repaired(path)
    return connection, repaired


def _begin_anew_if_older(connection: sqlite3.Connection, full_text: bool) -> None:
    if _is_of(connection, _version(full_text)):
        return
    with transaction(connection):
        # Another process may have done it meanwhile.
        if _is_of(connection, _version(full_text)):
            return
        for table in TABLE_NAMES:
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        for statement in _tables(full_text).split(";\n"):
            connection.execute(statement)
        connection.execute("INSERT INTO passage_index VALUES (?)", (_version(full_text),))


def _is_of(connection: sqlite3.Connection, version: str) -> bool:
    return bool(connection.execute("SELECT version FROM passage_index").fetchall() == [(version,)])


def _tables(full_text: bool) -> str:
    return TABLES + passage_vectors.TABLES + (SEARCH_TABLES if full_text else "")


def _version(full_text: bool) -> str:
    return _VERSION if full_text else f"{_VERSION} without full text search"


def has_full_text_search() -> bool:
    connection = sqlite3.connect(":memory:")
    try:
        return bool(connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0])
    finally:
        connection.close()
