"""What was read of a log, in `.workflow/feedback.db`: its tallies, and how far each file was read.

The database holds nothing that the log does not, and may be deleted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from workflow_cli.adapters.metrics_log.files import Cursor
from workflow_cli.adapters.state_database import open_state, transaction
from workflow_cli.domain.feedback.fold import Fold
from workflow_cli.domain.feedback.tally import DAY, HOUR, Tally, from_plain, plain, total
from workflow_cli.errors import DocumentError

#: A number for what a tally is: another one makes all tallies anew.
_FORM = 4
#: A span that is longer than a day by a second or more is a sum: of so many seconds less one, all of which are over.
#: This is the one of the hours of a day: it is looked at in their place where whole days are asked for.
SUMMED = DAY + 1
_TABLES = """
CREATE TABLE IF NOT EXISTS log (path TEXT PRIMARY KEY, form INTEGER, read INTEGER, state BLOB);
CREATE TABLE IF NOT EXISTS tally (path TEXT, span INTEGER, start INTEGER, body BLOB, PRIMARY KEY (path, span, start)) WITHOUT ROWID;
"""
_ENCODE = msgspec.msgpack.encode
_DECODE = msgspec.msgpack.decode
#: What reading bytes of somebody else's raises.
_NOT_OURS = (msgspec.DecodeError, ValueError, TypeError, LookupError, OverflowError)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the log was read, what is `remembered` of it, and from when on the tallies are those of all lines."""

    cursors: list[Cursor]
    remembered: list[Any]
    whole_from: float

    @property
    def newest(self) -> float:
        newest: float = self.remembered[0]
        return newest

    @property
    def early(self) -> dict[str, int]:
        """What was set aside before the first event, as pairs in what is remembered."""
        return dict(self.remembered[3])


def tally_of(body: Any, database: Path | None, *, with_answers: bool = True, with_changes: bool = True) -> Tally:
    """Raises DocumentError where it is damaged."""
    try:
        lists = _DECODE(body) if isinstance(body, bytes) else body
        return from_plain(lists, with_answers=with_answers, with_changes=with_changes)
    except _NOT_OURS as error:
        hint = "workflow feedback --fresh makes it anew"
        raise DocumentError("what was read of the log is damaged", where=str(database), hint=hint) from error


@contextmanager
def kept_tallies(database: Path, log: Path) -> Iterator[KeptTallies]:
    """Raises OSError or sqlite3.Error where nothing can be kept."""
    connection, repaired = open_state(database, _TABLES)
    with closing(connection):
        yield KeptTallies(connection, database, log, repaired)


class KeptTallies:
    """Of the log at a path. `repaired` says what was wrong with the database, in words.

    Readings are numbered: what one adds is only added where there was none since the one it goes on from.
    """

    def __init__(self, connection: sqlite3.Connection, database: Path, log: Path, repaired: str | None) -> None:
        self._connection = connection
        self._database = database
        self._name = str(log)
        self.repaired = repaired

    def number(self) -> int:
        """Of the last reading."""
        row = self._connection.execute("SELECT read FROM log WHERE path = ?", (self._name,)).fetchone()
        return int(row[0]) if row else 0

    def reading(self) -> Reading | None:
        """The last one; None where there is none that can be gone on from."""
        row = self._connection.execute("SELECT form, state FROM log WHERE path = ?", (self._name,)).fetchone()
        if row is None or row[0] != _FORM:
            return None
        try:
            cursors, remembered, whole_from = _DECODE(row[1])
            Fold(latest=0.0, hours_from=0).remember(remembered)
            found = [Cursor(inode=int(inode), end=int(end), edges=str(edges)) for inode, end, edges in cursors]
            return Reading(found, remembered, float(whole_from))
        except _NOT_OURS:
            return None

    def bodies(self) -> dict[tuple[int, int], Any]:
        """By span and first second, undecoded: a window needs few of them."""
        rows = self._connection.execute("SELECT span, start, body FROM tally WHERE path = ?", (self._name,))
        return {(span, start): body for span, start, body in rows}

    def add(self, fold: Fold, reading: Reading, *, after: int, anew: bool, now: float) -> bool:
        """Add what was read to what is kept, all of it or nothing: where another process did so meanwhile, nothing.

        Made `anew`, it takes the place of all there was.
        """
        with transaction(self._connection):
            if self.number() != after:
                return False
            if anew:
                self._connection.execute("DELETE FROM tally WHERE path = ?", (self._name,))
            self._merge(DAY, fold.days)
            written = self._merge(HOUR, fold.hours)
            self._put_old_hours_into_days(fold.hours_from)
            self._sum_days_that_ended(written, now)
            cursors = [[cursor.inode, cursor.end, cursor.edges] for cursor in reading.cursors]
            state = _ENCODE([cursors, reading.remembered, reading.whole_from])
            self._connection.execute(
                "INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?)", (self._name, _FORM, after + 1, state)
            )
        return True

    def keep_sum(self, span: int, begins: int, whole: Tally, *, after: int) -> None:
        """In the place of the last sum of as many days, unless there was another reading meanwhile."""
        with transaction(self._connection):
            if self.number() == after:
                self._connection.execute("DELETE FROM tally WHERE path = ? AND span = ?", (self._name, span))
                self._put(span, begins, whole)

    def _put(self, span: int, start: int, tally: Tally) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO tally VALUES (?, ?, ?, ?)", (self._name, span, start, _ENCODE(plain(tally)))
        )

    def _kept(self, span: int, start: int) -> Tally | None:
        row = self._connection.execute(
            "SELECT body FROM tally WHERE path = ? AND span = ? AND start = ?", (self._name, span, start)
        ).fetchone()
        return tally_of(row[0], self._database) if row else None

    def _merge(self, span: int, tallies: Mapping[int, Tally]) -> dict[int, Tally]:
        """Add them to what is kept, and forget the sums that they are missing from; what is kept then."""
        written: dict[int, Tally] = {}
        for start, tally in tallies.items():
            outdated = "DELETE FROM tally WHERE path = ? AND span > ? AND start <= ? AND ? < start + span - 1"
            self._connection.execute(outdated, (self._name, DAY, start, start))
            if (whole := self._kept(span, start)) is not None:
                whole.add(tally)
                tally = whole
            self._put(span, start, tally)
            written[start] = tally
        return written

    def _put_old_hours_into_days(self, hours_from: int) -> None:
        rows = self._connection.execute(
            "SELECT start, body FROM tally WHERE path = ? AND span = ? AND start < ?", (self._name, HOUR, hours_from)
        )
        days: dict[int, Tally] = {}
        for start, body in rows.fetchall():
            days.setdefault(start // DAY * DAY, Tally()).add(tally_of(body, self._database))
        self._merge(DAY, days)
        gone = (self._name, HOUR, SUMMED, hours_from)
        self._connection.execute("DELETE FROM tally WHERE path = ? AND span IN (?, ?) AND start < ?", gone)

    def _sum_days_that_ended(self, written: Mapping[int, Tally], now: float) -> None:
        """`written` are the hours that changed, as they are now."""
        starts = "SELECT start FROM tally WHERE path = ? AND span = ?"
        summed = {day for (day,) in self._connection.execute(starts, (self._name, SUMMED))}
        hours: dict[int, list[int]] = {}
        for (start,) in self._connection.execute(starts, (self._name, HOUR)):
            hours.setdefault(start // DAY * DAY, []).append(start)
        for day in sorted(hours.keys() - summed):
            if day + DAY <= now:
                parts = (written.get(start) or self._kept(HOUR, start) for start in hours[day])
                self._put(SUMMED, day, total(part for part in parts if part is not None))
