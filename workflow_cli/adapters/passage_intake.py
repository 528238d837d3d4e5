"""Documents that changed, taken up into the tables of the passage index."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from workflow_cli.adapters.passage_files import PassageFiles, may_change_unseen
from workflow_cli.adapters.passage_rows import blob_of, known_stamps, row_of
from workflow_cli.app.without_collector import without_collector

if TYPE_CHECKING:
    from workflow_cli.domain.answering.passages import Cut


class PassageIntake:
    """Works within the transaction of whoever calls. `full_text` tells whether the tables are searched by SQLite."""

    def __init__(self, connection: sqlite3.Connection, files: PassageFiles, *, full_text: bool) -> None:
        self._connection = connection
        self._files = files
        self._full_text = full_text

    def take_up(self, there: Mapping[str, str]) -> None:
        """`there` holds the stamp of each document that stands in the tree now, by its path."""
        known = known_stamps(self._connection)
        for path in known.keys() - there.keys():
            self._forget(path)
        changed = sorted(path for path, stamp in there.items() if known.get(path) != stamp)
        if not changed:
            return
        # Looking for cycles takes a fifth of the time of cutting.
        with without_collector():
            for path in changed:
                self._read(path, there[path], with_words=bool(known))
        if self._full_text and not known:
            # All at once they cost less than file by file.
            self._connection.execute("INSERT INTO passage_words (passage_words) VALUES ('rebuild')")

    def _read(self, path: str, stamp: str, *, with_words: bool) -> None:
        blob = blob_of(path)
        # What may be written again without a trace is read again next time.
        kept = "" if may_change_unseen(stamp) else stamp
        fault: str | None = None
        try:
            data = self._files.read(path)
        except OSError as error:
            data, fault = b"", error.strerror or str(error)
        hash = hashlib.sha256(data).hexdigest()
        row = self._connection.execute("SELECT id, hash, fault FROM passage_file WHERE path = ?", (blob,)).fetchone()
        if row is not None and row[1:] == (hash, fault):
            self._connection.execute("UPDATE passage_file SET stamp = ? WHERE id = ?", (kept, row[0]))
            return
        self._take(path, data, kept, hash, fault, with_words=with_words)

    def take(self, path: str, data: bytes) -> None:
        """A document with these bytes, whatever stands in its file."""
        self._take(path, data, "", hashlib.sha256(data).hexdigest(), None, with_words=True)

    def _take(self, path: str, data: bytes, stamp: str, hash: str, fault: str | None, *, with_words: bool) -> None:
        from workflow_cli.domain.answering.passages import cut

        self._forget(path)
        id = self._connection.execute(
            "INSERT INTO passage_file (path, stamp, hash, fault) VALUES (?, ?, ?, ?)",
            (blob_of(path), stamp, hash, fault),
        ).lastrowid
        self._insert(id, cut(path, data), with_words=with_words)

    def _insert(self, file: int | None, cuts: Iterable[Cut], *, with_words: bool) -> None:
        self._connection.executemany(
            "INSERT INTO passage (file, line, end_line, address, kind, name, text, section_hash, capability, change,"
            " archived, title, around, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((file, *row_of(one)) for one in cuts),
        )
        if self._full_text and with_words:
            self._connection.execute(
                "INSERT INTO passage_words (rowid, title, around, body)"
                " SELECT id, title, around, body FROM passage WHERE file = ?",
                (file,),
            )

    def _forget(self, path: str) -> None:
        row = self._connection.execute("SELECT id FROM passage_file WHERE path = ?", (blob_of(path),)).fetchone()
        if row is None:
            return
        if self._full_text:
            # An index over another table has to be told what it is to forget.
            self._connection.execute(
                "INSERT INTO passage_words (passage_words, rowid, title, around, body)"
                " SELECT 'delete', id, title, around, body FROM passage WHERE file = ?",
                row,
            )
        self._connection.execute("DELETE FROM passage WHERE file = ?", row)
        self._connection.execute("DELETE FROM passage_file WHERE id = ?", row)
