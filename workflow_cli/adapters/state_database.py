"""The database of a tree's state, which may be lost: opened private, and put aside where it is damaged."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.adapters.private_file import make_private
from workflow_cli.adapters.sqlite_begin import begun
from workflow_cli.adapters.state_directory import have_git_ignore

_BUSY_MILLISECONDS = 5_000


def open_state(path: Path, tables: str, *, shared_by_threads: bool = False) -> tuple[sqlite3.Connection, str | None]:
    """A connection with the tables there, and what had to be repaired for it, in words.

    Raises OSError or sqlite3.Error where there can be none.
    """
    if path.parent.is_symlink():
        raise OSError(errno.ENOTDIR, "must be a directory and no link", str(path.parent))
    path.parent.mkdir(parents=True, exist_ok=True)
    have_git_ignore(path.parent)
    try:
        return _connect(path, tables, shared_by_threads), None
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        put_aside(path)
        return _connect(path, tables, shared_by_threads), what_was_repaired(path)


def is_damage(error: sqlite3.Error) -> bool:
    # What is busy, full or missing has a class of its own, as has a connection that somebody closed: nothing to throw away.
    return type(error) is sqlite3.DatabaseError


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Reading and writing in one, against other processes that do the same."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    finally:
        # What went wrong is told, not that it could not be undone as well.
        with contextlib.suppress(sqlite3.Error):
            if database.in_transaction:
                database.execute("ROLLBACK")


def what_was_repaired(path: Path) -> str:
    """What is told of a database that was put aside."""
    return f"{path.name} was damaged and has been put aside"


def put_aside(path: Path) -> None:
    """Move a damaged database away. Raises OSError."""
    os.replace(path, path.with_suffix(".damaged"))
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{path}{suffix}")


def _connect(path: Path, tables: str, shared_by_threads: bool) -> sqlite3.Connection:
    return begun(lambda: _connect_once(path, tables, shared_by_threads), seconds=_BUSY_MILLISECONDS / 1000)


def _connect_once(path: Path, tables: str, shared_by_threads: bool) -> sqlite3.Connection:
    make_private(path)
    connection = sqlite3.connect(
        path, isolation_level=None, timeout=_BUSY_MILLISECONDS / 1000, check_same_thread=not shared_by_threads
    )
    try:
        # State may be lost at power failure, not damaged; it only saves time.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(tables)
    except BaseException:
        connection.close()
        raise
    return connection
