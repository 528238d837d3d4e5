"""The history on disk: every text that a commit found or wrote, every revision, and the commit under way.

One SQLite file, `.workflow/history.db`. Texts are kept once, by their hash, as deltas where that is smaller.
A revision's id is a hash over it and its predecessor's id. The commit under way is one row, durable before the
first document is touched; when the documents are durable the row becomes the revision.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workflow_cli.adapters.blob_delta import Delta, expand, make_delta
from workflow_cli.adapters.revision_json import NO_PREDECESSOR, body_of, id_of, revision_from
from workflow_cli.adapters.write_plan import WritePlan
from workflow_cli.domain.review.draft import content_hash
from workflow_cli.domain.review.revision import Revision
from workflow_cli.errors import DocumentError

SCHEMA = 1
HISTORY_FILE = "history.db"
#: So many deltas at most must be undone to read a text.
LONGEST_CHAIN = 32
_BUSY_SECONDS = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS blob (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    base INTEGER REFERENCES blob (number), depth INTEGER NOT NULL,
    prefix INTEGER NOT NULL, suffix INTEGER NOT NULL, packed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS revision (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS head (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pending (
    only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, body TEXT NOT NULL, plan TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS interrupted (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, body TEXT NOT NULL, conflicts TEXT NOT NULL
);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A commit that was begun and is not done."""

    revision: Revision
    plan: WritePlan


class HistoryStore:
    """Reads at any time; everything that writes wants the tree's lock to be held.

    Every method raises DocumentError where the file cannot be read or written, or is damaged. Without the file
    the history is empty; the first `begin` makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: sqlite3.Connection | None = None
        self._opened_by = 0

    # -- revisions -----------------------------------------------------------------------------------------

    def revisions(self) -> list[Revision]:
        return [self._revision(id, body) for id, body in self.rows("SELECT id, body FROM revision ORDER BY number")]

    def revisions_backwards(self) -> Iterator[Revision]:
        number = None
        while True:
            bound = "" if number is None else f"WHERE number < {number:d} "
            rows = self.rows(f"SELECT number, id, body FROM revision {bound}ORDER BY number DESC LIMIT 100")
            if not rows:
                return
            for _, id, body in rows:
                yield self._revision(id, body)
            number = rows[-1][0]

    def head(self) -> tuple[int, str]:
        """Number and id of the last revision; 0 and zeros before the first."""
        rows = self.rows("SELECT number, id FROM head")
        return rows[0] if rows else (0, NO_PREDECESSOR)

    def pending(self) -> Pending | None:
        rows = self.rows("SELECT id, body, plan FROM pending")
        if not rows:
            return None
        id, body, plan = rows[0]
        return Pending(revision=self._revision(id, body), plan=WritePlan.from_json(plan))

    def interrupted(self) -> list[tuple[str, str, str]]:
        """Commits that could be neither finished nor wholly undone: when, the revision's text, the conflicts."""
        return self.rows("SELECT at, body, conflicts FROM interrupted ORDER BY number")

    def _revision(self, id: str, body: str) -> Revision:
        try:
            return revision_from(id, body)
        except ValueError as error:
            raise self._damaged(str(error)) from error

    # -- a commit --------------------------------------------------------------------------------------------

    def begin(self, revision: Revision, plan: WritePlan, contents: Mapping[str, tuple[bytes, str | None]]) -> None:
        """Record the commit under way and every text it concerns; durable when this returns.

        `contents` holds them by hash, each with the hash of the text it resembles.
        """
        with self._transaction(durable=True) as database:
            for hash, (data, base) in contents.items():
                self._keep(database, hash, data, base)
            database.execute(
                "INSERT INTO pending VALUES (1, ?, ?, ?)", (revision.id, body_of(revision), plan.to_json())
            )

    def finish(self, revision: Revision) -> None:
        """Make the commit under way the last revision.

        Not flushed to the disk: should the machine stop now, the next start finds the commit under way with all
        its documents written, and finishes it again, to the same id.
        """
        with self._transaction(durable=False) as database:
            database.execute("INSERT INTO revision VALUES (?, ?, ?)", (revision.number, revision.id, body_of(revision)))
            database.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?)", (revision.number, revision.id))
            database.execute("DELETE FROM pending")

    def abandon(self, *, conflicts: str | None = None, at: str = "") -> None:
        """Forget the commit under way; with `conflicts`, keep on record what it was and why it could not be undone."""
        with self._transaction(durable=True) as database:
            if conflicts is not None:
                database.execute(
                    "INSERT INTO interrupted (at, body, conflicts) SELECT ?, body, ? FROM pending", (at, conflicts)
                )
            database.execute("DELETE FROM pending")

    # -- texts -----------------------------------------------------------------------------------------------

    def content(self, hash: str) -> bytes:
        """The text with this hash. Raises DocumentError where it is missing or damaged."""
        rows = self.rows("SELECT number FROM blob WHERE hash = ?", hash)
        if not rows:
            raise DocumentError(f"the history has no text {hash[:12]}", where=str(self.path))
        try:
            data = self.expanded(rows[0][0], {})
        except ValueError as error:
            raise self._damaged(f"text {hash[:12]}: {error}") from error
        if content_hash(data) != hash:
            raise self._damaged(f"text {hash[:12]} is not what was recorded")
        return data

    def expanded(self, number: int, known: dict[int, bytes]) -> bytes:
        """The bytes of a row of `blob`; `known` saves work. Raises ValueError where they cannot be had."""
        chain: list[tuple[int, Delta, int]] = []
        at: int | None = number
        while at is not None and at not in known:
            rows = self.rows("SELECT size, base, prefix, suffix, packed FROM blob WHERE number = ?", at)
            if not rows:
                raise ValueError("the text it builds on is missing")
            size, base, prefix, suffix, packed = rows[0]
            chain.append((at, Delta(prefix, suffix, packed), size))
            if base is not None and base >= at:
                raise ValueError("it builds on a later text")
            at = base
        data = known[at] if at is not None else b""
        for row, delta, size in reversed(chain):
            data = known[row] = expand(delta, data, size=size)
        return data

    def _keep(self, database: sqlite3.Connection, hash: str, data: bytes, base: str | None) -> None:
        if database.execute("SELECT 1 FROM blob WHERE hash = ?", (hash,)).fetchone():
            return
        delta, number, depth = make_delta(data), None, 0
        found = base and database.execute("SELECT number, depth FROM blob WHERE hash = ?", (base,)).fetchone()
        if found and found[1] < LONGEST_CHAIN:
            other = make_delta(data, self.expanded(found[0], {}))
            if len(other.packed) < len(delta.packed):
                delta, number, depth = other, found[0], found[1] + 1
        database.execute(
            "INSERT INTO blob (hash, size, base, depth, prefix, suffix, packed) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (hash, len(data), number, depth, delta.prefix, delta.suffix, delta.packed),
        )

    # -- the file --------------------------------------------------------------------------------------------

    def rows(self, query: str, *values: object) -> list[Any]:
        """What a query finds; nothing where there is no history yet."""
        with self._reported():
            database = self._connection(create=False)
            return database.execute(query, values).fetchall() if database else []

    @contextlib.contextmanager
    def _transaction(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        with self._reported():
            database = self._connection(create=True)
            assert database is not None
            database.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    def _connection(self, *, create: bool) -> sqlite3.Connection | None:
        if self._open is not None and self._opened_by == os.getpid():
            return self._open
        if not create and not os.path.lexists(self.path):
            return None
        # Opened by descriptor first: no link is followed, and the file is private from its first moment.
        flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
        writable = True
        try:
            os.close(os.open(self.path, flags, 0o600))
        except PermissionError:
            writable = False
        except OSError as error:
            if create or error.errno != errno.EROFS:
                raise
            writable = False
        database = self._connect(create=create) if writable else self._connect_read_only()
        if database is not None:
            self._open, self._opened_by = database, os.getpid()
        return database

    def _connect(self, *, create: bool) -> sqlite3.Connection | None:
        # The tree's lock keeps threads apart, as it does processes.
        database = sqlite3.connect(self.path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and not create:
                database.close()  # its maker was killed before it held anything
                return None
            if version == 0:
                database.execute("PRAGMA journal_mode=WAL")
                database.execute("PRAGMA synchronous=FULL")
                database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT;")
            self._refuse_newer(version)
        except BaseException:
            database.close()
            raise
        return database

    def _connect_read_only(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        self._refuse_newer(database.execute("PRAGMA user_version").fetchone()[0])
        return database

    def _refuse_newer(self, version: int) -> None:
        if version > SCHEMA:
            raise DocumentError(
                "the history was written by a newer workflow", where=str(self.path), hint="update workflow"
            )

    def close(self) -> None:
        if self._open is not None and self._opened_by == os.getpid():
            with contextlib.suppress(sqlite3.Error):
                self._open.close()
        self._open = None

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise DocumentError(f"the history cannot be used: {error}", where=str(self.path)) from error
        except sqlite3.DatabaseError as error:
            raise self._damaged(str(error)) from error
        except OSError as error:
            raise DocumentError(f"the history cannot be opened: {error.strerror}", where=str(self.path)) from error

    def _damaged(self, what: str) -> DocumentError:
        return DocumentError(
            f"the history is damaged: {what}",
            where=str(self.path),
            hint="`workflow history verify` lists all damage; a copy of the file put in its place repairs it",
        )


def chained(revision: Revision, predecessor: str) -> Revision:
    """The revision with the id that its predecessor's id gives it."""
    return replace(revision, id=id_of(body_of(revision), predecessor))
