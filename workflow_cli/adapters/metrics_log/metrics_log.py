"""The tallies of a whole log, kept in `.workflow/feedback.db`: only what was added since is read.

The database holds nothing that the log does not, and may be deleted. It is not used where the files are no longer those
that were read, and what it holds is then made anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from workflow_cli.adapters.metrics_log.files import Cursor, log_files, unread
from workflow_cli.adapters.metrics_log.read_parts import LEAST_SHARE, Arms, genuine_of, read_parts
from workflow_cli.adapters.state_database import open_state
from workflow_cli.domain.feedback.fold import Fold
from workflow_cli.domain.feedback.tally import DAY, HOUR, Tally, from_plain, plain, total
from workflow_cli.domain.improvement.window import DISORDER_SECONDS
from workflow_cli.errors import DocumentError

#: A number for what a tally is: another one makes all tallies anew.
FORM = 3
#: How many days are kept hour by hour.
_HOURLY_DAYS = 3
#: The span of what the hours of a day that has ended come to: it is looked at in their place where whole days are asked for.
_SUMMED = DAY + 1
_TABLES = """
CREATE TABLE IF NOT EXISTS log (path TEXT PRIMARY KEY, form INTEGER, read INTEGER, state BLOB);
CREATE TABLE IF NOT EXISTS tally (path TEXT, span INTEGER, start INTEGER, body BLOB, PRIMARY KEY (path, span, start)) WITHOUT ROWID;
"""
_ENCODE = msgspec.msgpack.encode
_DECODE = msgspec.msgpack.decode
#: What reading bytes of somebody else's raises.
_NOT_OURS = (msgspec.DecodeError, ValueError, TypeError, LookupError, OverflowError)


class MetricsLog:
    """The log at `path` as it is at `now`, in seconds since 1970. `degraded` says what could not be kept, and why.

    `database` None keeps nothing. What is older than `since` may be missing; 0 is everything. `arms` gives the overlays that claims to an arm are held against.
    """

    def __init__(
        self,
        path: Path,
        *,
        now: float,
        database: Path | None,
        fresh: bool = False,
        since: float = 0.0,
        arms: Callable[[], Arms] = list,
        processes: int | None = None,
        least: int = LEAST_SHARE,
    ) -> None:
        self._path = path
        self._database = database
        self._now = now
        self._hours_from = (int(now) // DAY - _HOURLY_DAYS) * DAY
        self._since = since
        #: From when on the tallies are those of all lines.
        self._whole_from = 0.0
        self._fresh = fresh
        self._arms = arms
        self._processes = processes
        self._least = least
        self.degraded: list[str] = []
        self.newest = 0.0
        self._bodies: dict[tuple[int, int], Any] = {}
        self._went_on = False
        self._read_or_keep_nothing()

    def _read_or_keep_nothing(self) -> None:
        try:
            self._read(self._database, self._fresh)
        except (OSError, sqlite3.Error) as error:
            self.degraded.append(f"what was read could not be kept: {error}")
            self._went_on = False
            self._read(None, fresh=True)

    def _read(self, database: Path | None, fresh: bool) -> None:
        files = log_files(self._path)
        if database is None:
            fold, _ = self._folded(files, None)
            self._keep_here(fold)
            return
        connection, repaired = open_state(database, _TABLES)
        with closing(connection):
            if repaired:
                self.degraded.append(repaired)
            kept = None if fresh else self._kept(connection)
            number = self._number(connection)
            fold, cursors = self._folded(files, kept)
            if cursors is None:  # nothing new
                assert kept is not None
                self.newest, self._whole_from = kept[1][0], kept[2]
                fold.early = dict(kept[1][3])
            else:
                self._save(connection, fold, cursors, number=number, anew=not self._went_on)
            # As they are, undecoded: a window needs few of them.
            rows = connection.execute("SELECT span, start, body FROM tally WHERE path = ?", (str(self._path),))
            self._bodies = {(span, start): body for span, start, body in rows}
            self._keep_early(fold)

    def _folded(self, files: Sequence[Path], kept: Any) -> tuple[Fold, list[Cursor] | None]:
        found = None
        if kept is not None:
            before = [Cursor(inode=inode, end=end, edges=edges) for inode, end, edges in kept[0]]
            found = unread(files, before)
            if found is not None:
                self._went_on = True
                if not found[0] and len(found[1]) == len(before):
                    return Fold(latest=0.0, hours_from=0), None
        arms = self._arms()
        latest = self._now + DISORDER_SECONDS
        fold = Fold(latest=latest, hours_from=self._hours_from, genuine=genuine_of(arms))
        if found is None:
            found = unread(files, [])
            assert found is not None
        else:
            fold.remember(kept[1])
        parts, cursors = found
        self._whole_from = read_parts(
            fold,
            parts,
            arms=arms,
            since=0.0 if self._went_on else self._since,
            processes=self._processes,
            least=self._least,
        )
        if self._went_on:
            self._whole_from = kept[2]
        self.newest = fold.newest
        return fold, cursors

    def _kept(self, connection: sqlite3.Connection) -> Any:
        row = connection.execute("SELECT form, state FROM log WHERE path = ?", (str(self._path),)).fetchone()
        if row is None or row[0] != FORM:
            return None
        try:
            cursors, remembered, whole_from = _DECODE(row[1])
            if whole_from > self._since:
                return None
            Fold(latest=0.0, hours_from=0).remember(remembered)
            return [(int(inode), int(end), str(edges)) for inode, end, edges in cursors], remembered, float(whole_from)
        except _NOT_OURS:
            return None

    def _number(self, connection: sqlite3.Connection) -> int:
        row = connection.execute("SELECT read FROM log WHERE path = ?", (str(self._path),)).fetchone()
        return int(row[0]) if row else 0

    def _save(
        self, connection: sqlite3.Connection, fold: Fold, cursors: Sequence[Cursor], *, number: int, anew: bool
    ) -> None:
        """Add what was read to what is kept, all of it or nothing; not where another process did so meanwhile."""
        name = str(self._path)
        connection.execute("BEGIN IMMEDIATE")
        try:
            if self._number(connection) != number:
                connection.execute("ROLLBACK")
                return
            if anew:
                connection.execute("DELETE FROM tally WHERE path = ?", (name,))
            self._merge(connection, DAY, fold.days)
            written = self._merge(connection, HOUR, fold.hours)
            self._put_old_hours_into_days(connection)
            self._sum_days_that_ended(connection, written)
            state = [[[c.inode, c.end, c.edges] for c in cursors], fold.remembered(), self._whole_from]
            connection.execute(
                "INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?)", (name, FORM, number + 1, _ENCODE(state))
            )
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _merge(self, connection: sqlite3.Connection, span: int, tallies: Mapping[int, Tally]) -> dict[int, Tally]:
        """Add them to what is kept; what is kept then."""
        written: dict[int, Tally] = {}
        for start, tally in tallies.items():
            where = (str(self._path), span, start)
            row = connection.execute(
                "SELECT body FROM tally WHERE path = ? AND span = ? AND start = ?", where
            ).fetchone()
            if row is not None:
                whole = self._tally(row[0])
                whole.add(tally)
                tally = whole
            connection.execute("INSERT OR REPLACE INTO tally VALUES (?, ?, ?, ?)", (*where, _ENCODE(plain(tally))))
            written[start] = tally
        return written

    def _put_old_hours_into_days(self, connection: sqlite3.Connection) -> None:
        old = (str(self._path), HOUR, self._hours_from)
        rows = connection.execute("SELECT start, body FROM tally WHERE path = ? AND span = ? AND start < ?", old)
        days: dict[int, Tally] = {}
        for start, body in rows.fetchall():
            days.setdefault(start // DAY * DAY, Tally()).add(self._tally(body))
        self._merge(connection, DAY, days)
        gone = (str(self._path), HOUR, _SUMMED, self._hours_from)
        connection.execute("DELETE FROM tally WHERE path = ? AND span IN (?, ?) AND start < ?", gone)

    def _sum_days_that_ended(self, connection: sqlite3.Connection, written: Mapping[int, Tally]) -> None:
        """`written` are the hours that changed."""
        name = str(self._path)
        for day in {start // DAY * DAY for start in written}:
            connection.execute("DELETE FROM tally WHERE path = ? AND span = ? AND start = ?", (name, _SUMMED, day))
        starts = "SELECT start FROM tally WHERE path = ? AND span = ?"
        summed = {day for (day,) in connection.execute(starts, (name, _SUMMED))}
        hours: dict[int, list[int]] = {}
        for (start,) in connection.execute(starts, (name, HOUR)):
            hours.setdefault(start // DAY * DAY, []).append(start)
        for day in sorted(hours.keys() - summed):
            if day + DAY <= self._now:
                parts = (written.get(start) or self._kept_hour(connection, start) for start in hours[day])
                self._merge(connection, _SUMMED, {day: total(parts)})

    def _kept_hour(self, connection: sqlite3.Connection, start: int) -> Tally:
        where = (str(self._path), HOUR, start)
        ((body,),) = connection.execute("SELECT body FROM tally WHERE path = ? AND span = ? AND start = ?", where)
        return self._tally(body)

    def _keep_here(self, fold: Fold) -> None:
        for span, tallies in ((DAY, fold.days), (HOUR, fold.hours)):
            for start, tally in tallies.items():
                self._bodies[span, start] = plain(tally)
        self._keep_early(fold)

    def _keep_early(self, fold: Fold) -> None:
        """Lines that were set aside in a log without an event are of no other moment than now."""
        if fold.early:
            self._bodies[HOUR, int(self._now) // HOUR * HOUR] = plain(Tally(aside=fold.early))

    def starts(self) -> list[tuple[int, int]]:
        """Spans and first seconds of all tallies, a day or an hour each."""
        return sorted((key for key in self._bodies if key[0] != _SUMMED), key=lambda key: (key[1], key[0]))

    def tallies(
        self, begins: int, ends: int, *, by_hour: bool = False, with_answers: bool = False, with_changes: bool = False
    ) -> Iterable[tuple[int, Tally]]:
        """Those that lie between, with their first second; the hours of a day in one, unless they are asked for."""
        summed = {
            start for span, start in self._bodies if span == _SUMMED and not by_hour and begins <= start <= ends - DAY
        }
        kept = [key for key in self.starts() if key[0] != HOUR or key[1] // DAY * DAY not in summed]
        for span, start in sorted([*kept, *((_SUMMED, day) for day in summed)], key=lambda key: (key[1], key[0])):
            if begins <= start and start + min(span, DAY) <= ends:
                body = self._bodies[span, start]
                yield start, self._tally(body, with_answers=with_answers, with_changes=with_changes)

    def _tally(self, body: Any, *, with_answers: bool = True, with_changes: bool = True) -> Tally:
        try:
            lists = _DECODE(body) if isinstance(body, bytes) else body
            return from_plain(lists, with_answers=with_answers, with_changes=with_changes)
        except _NOT_OURS as error:
            hint = "workflow feedback --fresh makes it anew"
            raise DocumentError("what was read of the log is damaged", where=str(self._database), hint=hint) from error

    def answers_around(self, moment: int) -> frozenset[int]:
        """Keys of the answers given on the day of the moment."""
        day = moment // DAY * DAY
        if day < self._whole_from:
            self._since, self._went_on = 0.0, False
            self._read_or_keep_nothing()
        found: set[int] = set()
        for _, tally in self.tallies(day, day + DAY, with_answers=True):
            found |= tally.answers
        return frozenset(found)
