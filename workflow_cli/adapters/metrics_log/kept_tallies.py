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

from workflow_cli.adapters.metrics_log.bodies import ALL, NOT_OURS, SUMMED, Bodies, Wanted, packed, unpacked
from workflow_cli.adapters.metrics_log.files import Cursor
from workflow_cli.adapters.state_database import open_state, transaction
from workflow_cli.domain.feedback.fold import Fold, Tallies
from workflow_cli.domain.feedback.tally import DAY, HOUR, Tally, total

#: A number for what a tally is: another one makes all tallies anew.
_FORM = 8
_TABLES = """
CREATE TABLE IF NOT EXISTS log (path TEXT PRIMARY KEY, form INTEGER, read INTEGER, state BLOB);
CREATE TABLE IF NOT EXISTS tally (path TEXT, span INTEGER, start INTEGER, body BLOB, PRIMARY KEY (path, span, start)) WITHOUT ROWID;
"""
_ENCODE = msgspec.msgpack.encode
_DECODE = msgspec.msgpack.decode


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the log was read, what is `remembered` of it, and from when on the tallies are those of all lines, and those
    of hours. `last` and `ahead` are those of the fold.
    """

    cursors: list[Cursor]
    remembered: list[Any]
    whole_from: float
    hours_from: int
    last: float
    ahead: float

    @property
    def newest(self) -> float:
        newest: float = self.remembered[0][2]
        return newest

    @property
    def early(self) -> dict[str, int]:
        """What was set aside before the first event, as pairs in what is remembered."""
        return dict(self.remembered[3])


class DamagedTally(Exception):
    """What is kept is no tally of ours."""


def tally_of(body: bytes, what: Wanted = ALL) -> Tally:
    """Raises DamagedTally."""
    try:
        return unpacked(body, what)
    except NOT_OURS as error:
        raise DamagedTally from error


@contextmanager
def kept_tallies(database: Path, log: Path) -> Iterator[KeptTallies]:
    """Raises OSError or sqlite3.Error where nothing can be kept."""
    connection, repaired = open_state(database, _TABLES)
    with closing(connection):
        yield KeptTallies(connection, log, repaired)


class KeptTallies:
    """Of the log at a path. `repaired` says what was wrong with the database, in words.

    Readings are numbered: what one adds is only added where there was none since the one it goes on from.
    """

    def __init__(self, connection: sqlite3.Connection, log: Path, repaired: str | None) -> None:
        self._connection = connection
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
            cursors, remembered, *times = _DECODE(row[1])
            whole_from, hours_from, last, ahead = map(float, times)
            Fold(latest=0.0, hours_from=0).remember(remembered)
            found = [Cursor(inode=int(inode), end=int(end), edges=int(edges)) for inode, end, edges in cursors]
            return Reading(found, remembered, whole_from, int(hours_from), last, ahead)
        except NOT_OURS:
            return None

    def bodies(self) -> Bodies:
        """As they are, packed: a window needs few of them."""
        rows = self._connection.execute("SELECT span, start, body FROM tally WHERE path = ?", (self._name,))
        return {(span, start): body for span, start, body in rows}

    def add(self, fold: Fold, bodies: Bodies, reading: Reading, *, after: int, anew: bool, now: float) -> bool:
        """Add what was read, of the fold and packed, to what is kept, all of it or nothing: where another process did so
        meanwhile, nothing.

        Made `anew`, it takes the place of all there was.
        """
        with transaction(self._connection):
            if self.number() != after:
                return False
            if anew:
                self._connection.execute("DELETE FROM tally WHERE path = ?", (self._name,))
            written = self._merge(fold.tallies)
            self._put_packed(bodies, anew=anew, now=now)
            self._put_old_hours_into_days(fold.hours_from)
            self._sum_days_that_ended(written, now)
            cursors = [[cursor.inode, cursor.end, cursor.edges] for cursor in reading.cursors]
            times = reading.whole_from, reading.hours_from, reading.last, reading.ahead
            state = _ENCODE([cursors, reading.remembered, *times])
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
        self._put_body(span, start, packed(tally))

    def _put_body(self, span: int, start: int, body: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO tally VALUES (?, ?, ?, ?)", (self._name, span, start, body))

    def _put_packed(self, bodies: Bodies, *, anew: bool, now: float) -> None:
        for (span, start), body in bodies.items():
            if anew:  # then there is none of that time yet
                if span != SUMMED or start + DAY <= now:
                    self._put_body(span, start, body)
            elif span != SUMMED:
                self._merge({(span, start): tally_of(body)})

    def _kept(self, span: int, start: int) -> Tally | None:
        row = self._connection.execute(
            "SELECT body FROM tally WHERE path = ? AND span = ? AND start = ?", (self._name, span, start)
        ).fetchone()
        return tally_of(row[0]) if row else None

    def _merge(self, tallies: Mapping[tuple[int, int], Tally]) -> dict[tuple[int, int], Tally]:
        """Add them to what is kept, and forget the sums that they are missing from; what is kept then."""
        written: dict[tuple[int, int], Tally] = {}
        for (span, start), tally in tallies.items():
            outdated = "DELETE FROM tally WHERE path = ? AND span > ? AND start <= ? AND ? < start + span - 1"
            self._connection.execute(outdated, (self._name, DAY, start, start))
            if (whole := self._kept(span, start)) is not None:
                whole.add(tally)
                tally = whole
            self._put(span, start, tally)
            written[span, start] = tally
        return written

    def _put_old_hours_into_days(self, hours_from: int) -> None:
        rows = self._connection.execute(
            "SELECT start, body FROM tally WHERE path = ? AND span = ? AND start < ?", (self._name, HOUR, hours_from)
        )
        days: Tallies = {}
        for start, body in rows.fetchall():
            days.setdefault((DAY, start // DAY * DAY), Tally()).add(tally_of(body))
        self._merge(days)
        gone = (self._name, HOUR, SUMMED, hours_from)
        self._connection.execute("DELETE FROM tally WHERE path = ? AND span IN (?, ?) AND start < ?", gone)

    def _sum_days_that_ended(self, written: Mapping[tuple[int, int], Tally], now: float) -> None:
        """`written` are those that changed, as they are now."""
        starts = "SELECT start FROM tally WHERE path = ? AND span = ?"
        summed = {day for (day,) in self._connection.execute(starts, (self._name, SUMMED))}
        hours: dict[int, list[int]] = {}
        for (start,) in self._connection.execute(starts, (self._name, HOUR)):
            hours.setdefault(start // DAY * DAY, []).append(start)
        for day in sorted(hours.keys() - summed):
            if day + DAY <= now:
                parts = (written.get((HOUR, start)) or self._kept(HOUR, start) for start in hours[day])
                self._put(SUMMED, day, total(part for part in parts if part is not None))
