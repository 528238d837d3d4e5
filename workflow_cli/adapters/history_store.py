"""The history on disk: every text that a commit found or wrote, every revision, and the commit under way.

One SQLite file, `.workflow/history.db`. Texts are kept once, by their hash, as deltas where that is smaller.
A revision's id is a hash over it and its predecessor's id. The commit under way is a revision that still has its
plan: durable before the first document is touched, and without its plan once the documents are durable.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_cli.adapters.blob_delta import Delta, expand, make_delta
from workflow_cli.adapters.private_file import make_private
from workflow_cli.adapters.revision_json import NO_PREDECESSOR, body_of, id_of, revision_from
from workflow_cli.adapters.state_file import is_there, unreadable
from workflow_cli.adapters.write_plan import WritePlan
from workflow_cli.domain.review.draft import FileChange, content_hash
from workflow_cli.domain.review.revision import FileRevision, Revision
from workflow_cli.errors import DocumentError

SCHEMA = 1
HISTORY_FILE = "history.db"
#: So many deltas at most must be undone to read a text.
LONGEST_CHAIN = 32
_BUSY_SECONDS = 10.0
#: Pages of the log before they are brought home, which flushes twice: at eight pages a commit, every 125 commits.
_LOG_PAGES = 1000
_TABLES = """
CREATE TABLE IF NOT EXISTS blob (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,
    base INTEGER REFERENCES blob (number), depth INTEGER NOT NULL,
    prefix INTEGER NOT NULL, suffix INTEGER NOT NULL, packed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS revision (number INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL, plan TEXT);
CREATE TABLE IF NOT EXISTS head (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL, id TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS finished AFTER UPDATE OF plan ON revision WHEN new.plan IS NULL BEGIN
    INSERT OR REPLACE INTO head VALUES (1, new.number, new.id);
END;
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
    the history is empty; the first `begin` makes it. With `untouched` it is only read, and nothing is left beside it.
    """

    def __init__(self, path: Path, *, untouched: bool = False) -> None:
        self.path = path
        self._untouched = untouched
        self._open: sqlite3.Connection | None = None
        self._opened_by = 0
        self._durable = True
        self._logs = True
        self._reported = _Reported(path)
        #: Number and id of the last revision, as `is_pending` or `finish` left it. Only the lock's holder may go by it.
        self.last = (0, NO_PREDECESSOR)

    # -- revisions -----------------------------------------------------------------------------------------

    def revisions(self) -> list[Revision]:
        rows = self.rows("SELECT id, body FROM revision WHERE plan IS NULL ORDER BY number")
        return [self._revision(id, body) for id, body in rows]

    def revisions_backwards(self) -> Iterator[Revision]:
        bound = self.head()[0] + 1
        while rows := self.rows(
            "SELECT number, id, body FROM revision WHERE number < ? ORDER BY number DESC LIMIT 100", bound
        ):
            for _, id, body in rows:
                yield self._revision(id, body)
            bound = rows[-1][0]

    def head(self) -> tuple[int, str]:
        """Number and id of the last revision; 0 and zeros before the first."""
        rows = self.rows("SELECT number, id FROM head")
        return rows[0] if rows else (0, NO_PREDECESSOR)

    def is_pending(self) -> bool:
        """Whether a commit is under way; `last` is up to date then."""
        rows = self.rows(
            "SELECT (SELECT plan IS NOT NULL FROM revision ORDER BY number DESC LIMIT 1), "
            "(SELECT number FROM head), (SELECT id FROM head)"
        )
        pending, number, id = rows[0] if rows else (None, None, None)
        self.last = (number or 0, id or NO_PREDECESSOR)
        return bool(pending)

    def pending(self) -> Pending | None:
        rows = self.rows("SELECT id, body, plan FROM revision ORDER BY number DESC LIMIT 1")
        if not rows or rows[0][2] is None:
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
            raise _damaged(self.path, str(error)) from error

    # -- a commit --------------------------------------------------------------------------------------------

    def begin(self, revision: Revision, body: str, plan: WritePlan, files: Iterable[FileChange]) -> None:
        """Record the commit under way and every text it concerns. It outlives this process when this returns, and the
        machine once `flush` has returned too.

        `body` is the revision's text; `files` are the changes that `revision.files` name, in the same order.
        """
        with self._reported, self._transaction(durable=False) as database:
            for file, hashes in zip(files, revision.files, strict=True):
                self._keep(database, file, hashes)
            database.execute(
                "INSERT INTO revision VALUES (?, ?, ?, ?)", (revision.number, revision.id, body, plan.to_json())
            )

    def flush(self) -> None:
        """Have on the disk what `begin` recorded. May run in a thread of its own."""
        if not self._logs:
            return  # it is there already
        with self._reported:
            # SQLite holds no locks on its log, so closing a descriptor of it lets go of none. Flushing belongs to the
            # file: what SQLite wrote through its own descriptor is flushed as well.
            log = os.open(f"{self.path}-wal", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.fsync(log)
            finally:
                os.close(log)

    def finish(self, revision: Revision) -> None:
        """Make the commit under way the last revision.

        Not flushed to the disk: should the machine stop now, the next start finds the commit under way with all
        its documents written, and finishes it again, to the same id.
        """
        with self._reported:
            database = self._connection(create=True)
            assert database is not None
            self._flush(database, durable=False)
            database.execute("UPDATE revision SET plan = NULL WHERE number = ?", (revision.number,))
        self.last = (revision.number, revision.id)

    def abandon(self, *, conflicts: str | None = None, at: str = "") -> None:
        """Forget the commit under way; with `conflicts`, keep on record what it was and why it was not finished."""
        with self._reported, self._transaction() as database:
            if conflicts is not None:
                database.execute(
                    "INSERT INTO interrupted (at, body, conflicts) "
                    "SELECT ?, body, ? FROM revision WHERE plan IS NOT NULL",
                    (at, conflicts),
                )
            database.execute("DELETE FROM revision WHERE plan IS NOT NULL")

    # -- texts -----------------------------------------------------------------------------------------------

    def content(self, hash: str) -> bytes:
        """The text with this hash. Raises DocumentError where it is missing or damaged."""
        rows = self.rows("SELECT number FROM blob WHERE hash = ?", hash)
        if not rows:
            raise DocumentError(
                f"the history has no text {hash[:12]}",
                where=str(self.path),
                hint="`workflow history show ID --format json` has the whole hashes of a revision's texts",
            )
        try:
            data = self.expanded(rows[0][0], {})
        except ValueError as error:
            raise _damaged(self.path, f"text {hash[:12]}: {error}") from error
        if content_hash(data) != hash:
            raise _damaged(self.path, f"text {hash[:12]} is not what was recorded")
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

    def _keep(self, database: sqlite3.Connection, file: FileChange, hashes: FileRevision) -> None:
        base = _kept(database, hashes.before)
        if base is None and file.before is not None:
            base = _insert(database, hashes.before, file.before, make_delta(file.before), None)
        if file.after is None or _kept(database, hashes.after):
            return
        if base is None or file.before is None or base.depth >= LONGEST_CHAIN:
            _insert(database, hashes.after, file.after, make_delta(file.after), None)
        else:
            _insert(database, hashes.after, file.after, make_delta(file.after, file.before), base)

    # -- the file --------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Raises DocumentError where that cannot be told."""
        return is_there(self.path)

    def rows(self, query: str, *values: object) -> list[Any]:
        """What a query finds; nothing where there is no history yet."""
        with self._reported:
            database = self._connection(create=False)
            return database.execute(query, values).fetchall() if database else []

    def _transaction(self, *, durable: bool = True) -> _Transaction:
        """One transaction; unless told otherwise it is on the disk when it is left."""
        database = self._connection(create=True)
        assert database is not None
        self._flush(database, durable=durable)
        return _Transaction(database)

    def _flush(self, database: sqlite3.Connection, *, durable: bool) -> None:
        """Have what is written from now on flushed at once, or with what is written next.

        Without a log SQLite writes over the file itself, which wants each step on the disk before the next.
        """
        durable = durable or not self._logs
        if durable is not self._durable:
            database.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable

    def _connection(self, *, create: bool) -> sqlite3.Connection | None:
        if self._open is not None and self._opened_by == os.getpid():
            return self._open
        if not create and not self.exists():
            return None
        if self._untouched:
            self._open, self._opened_by = self._connect_untouched(), os.getpid()
            return self._open  # None where its maker was killed before it held anything
        writable = True
        try:
            make_private(self.path, create=create)
        except PermissionError:
            if not os.access(self.path, os.R_OK):
                raise
            writable = False
        except OSError as error:
            if create or error.errno != errno.EROFS:
                raise
            writable = False
        database = self._connect(create=create) if writable else self._connect_read_only()
        if database is not None:
            self._open, self._opened_by, self._durable = database, os.getpid(), True
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
                database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT;")
            self._refuse_newer(version)
            # A file system without shared memory has no log.
            self._logs = database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            database.execute("PRAGMA synchronous=FULL")
            # A log that is written over costs a tenth of one that grows with every commit.
            database.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")
        except BaseException:
            database.close()
            raise
        return database

    def _connect_read_only(self) -> sqlite3.Connection:
        # Without its log beside it, nobody is writing; SQLite could not make a log in a place that is read only.
        mode = "mode=ro" if os.path.exists(f"{self.path}-wal") else "mode=ro&immutable=1"
        database = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        self._refuse_newer(database.execute("PRAGMA user_version").fetchone()[0])
        return database

    def _connect_untouched(self) -> sqlite3.Connection | None:
        from workflow_cli.adapters.untouched_database import open_untouched

        database = open_untouched(self.path)
        try:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            self._refuse_newer(version)
        except BaseException:
            database.close()
            raise
        if version == 0:
            database.close()
            return None
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

    def __del__(self) -> None:
        # From 3.13 on, Python warns of a database that nobody closed.
        self.close()


def _damaged(path: Path, what: str) -> DocumentError:
    return DocumentError(
        f"the history is damaged: {what}",
        where=str(path),
        hint="`workflow history verify` lists all damage; a copy of the file put in its place repairs it",
    )


class _Reported:
    """What SQLite and the system raise inside, raised as DocumentError. A class, for every query passes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        if isinstance(error, sqlite3.OperationalError):
            raise DocumentError(f"the history cannot be used: {error}", where=str(self._path)) from error
        if isinstance(error, sqlite3.DatabaseError):
            raise _damaged(self._path, str(error)) from error
        if isinstance(error, OSError):
            raise unreadable(error, self._path, what="the history cannot be opened: {}") from error


class _Transaction:
    """A class like the other: every commit comes by here, and a generator takes three times as long."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        self._database.execute("BEGIN IMMEDIATE")
        return self._database

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if error is None:
                self._database.execute("COMMIT")
        finally:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")


@dataclass(frozen=True, slots=True)
class _Kept:
    number: int
    depth: int


def _kept(database: sqlite3.Connection, hash: str | None) -> _Kept | None:
    """The text of that hash, if it is there already."""
    found = database.execute("SELECT number, depth FROM blob WHERE hash = ?", (hash,)).fetchone()
    return found and _Kept(*found)


def _insert(
    database: sqlite3.Connection, hash: str | None, data: bytes, delta: Delta, base: _Kept | None
) -> _Kept | None:
    depth = base.depth + 1 if base else 0
    number = database.execute(
        "INSERT INTO blob (hash, size, base, depth, prefix, suffix, packed) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (hash, len(data), base and base.number, depth, delta.prefix, delta.suffix, delta.packed),
    ).lastrowid
    return None if number is None else _Kept(number, depth)


def chained(revision: Revision, predecessor: str) -> str:
    """Give a revision, which nobody else has seen yet, the id that its predecessor's id makes it; its text."""
    body = body_of(revision)
    # In place: a copy of a dataclass takes longer than everything else about a revision.
    object.__setattr__(revision, "id", id_of(body, predecessor))
    return body
