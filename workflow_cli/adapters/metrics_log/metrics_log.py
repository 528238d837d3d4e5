"""The tallies of a whole log: only what was added since it was last read is read.

What is kept is not used where the files are no longer those that were read, and is then made anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from workflow_cli.adapters.metrics_log.beginning import beginning
from workflow_cli.adapters.metrics_log.bodies import SUMMED, Bodies, Wanted, packed
from workflow_cli.adapters.metrics_log.files import Cursor, log_files, unread
from workflow_cli.adapters.metrics_log.helpers import Arms, genuine_of
from workflow_cli.adapters.metrics_log.kept_tallies import DamagedTally, KeptTallies, Reading, kept_tallies, tally_of
from workflow_cli.adapters.metrics_log.read_parts import LEAST_SHARE, read_parts
from workflow_cli.adapters.state_database import is_damage, put_aside, what_was_repaired
from workflow_cli.domain.events.disorder import DISORDER_SECONDS
from workflow_cli.domain.feedback.fold import Fold
from workflow_cli.domain.feedback.tally import DAY, HOUR, Tally, total
from workflow_cli.errors import fault_told

#: How many days are kept hour by hour.
_HOURLY_DAYS = 3


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
        self._latest = now + DISORDER_SECONDS
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
        self._bodies: Bodies = {}
        #: The number of the reading that what is kept is of; None where nothing is.
        self._kept_as: int | None = None
        self._read_or_keep_nothing()

    @cached_property
    def _arms_given(self) -> Arms:
        """Only asked for where something is read."""
        return self._arms()

    def _read_or_keep_nothing(self) -> None:
        self._kept_as = None
        if self._database is not None:
            try:
                self._read_with_what_is_kept(self._database)
                return
            except (OSError, sqlite3.Error) as error:
                self.degraded.append(f"what was read could not be kept: {fault_told(error, self._database)}")
        fold, bodies, _ = self._all_of(log_files(self._path))
        self._hold(fold, bodies)

    def _read_with_what_is_kept(self, database: Path) -> None:
        """Damage may only show where a page is read; it is put aside then, and all of the log read again."""
        try:
            with kept_tallies(database, self._path) as kept:
                self._read(kept)
        except (sqlite3.DatabaseError, DamagedTally) as error:
            if not isinstance(error, DamagedTally) and not is_damage(error):
                raise
            self._put_aside(database)
            with kept_tallies(database, self._path) as kept:
                self._read(kept)

    def _put_aside(self, database: Path) -> None:
        put_aside(database)
        self.degraded.append(f"what was read: {what_was_repaired(database)}")

    def _read(self, kept: KeptTallies) -> None:
        if kept.repaired:
            self.degraded.append(f"what was read: {kept.repaired}")
        files = log_files(self._path)
        number = kept.number()
        before = None if self._fresh else kept.reading()
        if before is not None and not self._holds(before):
            before = None
        added = unread(files, before.cursors) if before is not None else None
        if before is None or added is None:
            fold, bodies, reading = self._all_of(files)
            if not kept.add(fold, bodies, reading, after=number, anew=True, now=self._now):
                self._hold(fold, bodies)  # another process read the log meanwhile, maybe less of it
                return
            number += 1
        else:
            reading = before
            self._whole_from = before.whole_from
            parts, cursors = added
            if parts or len(cursors) != len(before.cursors):
                fold = self._fold()
                fold.remember(before.remembered)
                fold.saw(before.last, before.ahead)
                counted = read_parts(fold, parts, arms=self._arms_given, processes=self._processes, least=self._least)
                reading = self._reading(cursors, fold)
                number += kept.add(fold, counted.bodies, reading, after=number, anew=False, now=self._now)
        self._kept_as = number
        self.newest = reading.newest
        self._bodies = kept.bodies()
        self._keep_early(reading.early)

    def _all_of(self, files: Sequence[Path]) -> tuple[Fold, Bodies, Reading]:
        found = unread(files, [])
        assert found is not None
        parts, cursors = found
        fold = self._fold()
        counted = read_parts(
            fold, parts, arms=self._arms_given, since=self._since, processes=self._processes, least=self._least
        )
        self._whole_from = counted.whole_from
        self.newest = fold.progress.newest
        return fold, counted.bodies, self._reading(cursors, fold)

    def _reading(self, cursors: list[Cursor], fold: Fold) -> Reading:
        return Reading(cursors, fold.remembered(), self._whole_from, self._hours_from, fold.last, fold.ahead)

    def _holds(self, before: Reading) -> bool:
        """Whether what was kept reaches back far enough, and is what would be kept now: a clock that went forwards may make
        a line of the future one of now, and one that is put back leaves what is kept too coarse, or later than now.
        """
        reaches = before.whole_from <= self._since and before.hours_from <= self._hours_from
        return reaches and before.last <= self._latest < before.ahead

    def _fold(self) -> Fold:
        return Fold(latest=self._latest, hours_from=self._hours_from, genuine=genuine_of(self._arms_given))

    def _hold(self, fold: Fold, bodies: Bodies) -> None:
        """Keep what was read here, and nowhere else."""
        self._bodies = bodies | {key: packed(tally) for key, tally in fold.tallies.items()}
        self._keep_early(fold.early)

    def _keep_early(self, early: Mapping[str, int]) -> None:
        """Lines that were set aside in a log without an event are of no other moment than now."""
        if early:
            self._bodies[HOUR, int(self._now) // HOUR * HOUR] = packed(Tally(aside=dict(early)))

    def starts(self) -> list[tuple[int, int]]:
        """Spans and first seconds of all tallies, a day or an hour each."""
        return sorted((key for key in self._bodies if key[0] <= DAY), key=lambda key: (key[1], key[0]))

    def tallies(
        self,
        begins: int,
        ends: int,
        *,
        by_hour: bool = False,
        with_answers: bool = False,
        with_changes: bool = False,
        only_rows: bool = False,
    ) -> Iterable[tuple[int, Tally]]:
        """Those that lie between, with their first second; the hours of a day in one, unless they are asked for."""
        what = Wanted(answers=with_answers, changes=with_changes, rest=not only_rows)
        summed = {
            start for span, start in self._bodies if span == SUMMED and not by_hour and begins <= start <= ends - DAY
        }
        kept = [key for key in self.starts() if key[0] != HOUR or key[1] // DAY * DAY not in summed]
        for span, start in sorted([*kept, *((SUMMED, day) for day in summed)], key=lambda key: (key[1], key[0])):
            if begins <= start and start + min(span, DAY) <= ends:
                yield start, self._tally(span, start, what)

    def _tally(self, span: int, start: int, what: Wanted) -> Tally:
        """Where it is damaged, which only shows here, what is kept is put aside, and all of the log read again."""
        try:
            return tally_of(self._bodies[span, start], what)
        except DamagedTally:
            assert self._database is not None, "what was read here is damaged"
            self._put_aside(self._database)
            self._read_or_keep_nothing()
            if (span, start) in self._bodies:
                return tally_of(self._bodies[span, start], what)
            ends = start + (span if span <= DAY else span - 1)
            parts = self.tallies(start, ends, by_hour=True, with_answers=what.answers, with_changes=what.changes)
            return total(tally for _, tally in parts)

    def total(self, begins: int, ends: int) -> Tally:
        """The sum of those that lie between, without what is of answers and changes.

        Of days that are over it is kept: it is asked for again and again until the day ends.
        """
        span = ends - begins + 1
        if span > SUMMED and (span, begins) in self._bodies:
            return self._tally(span, begins, Wanted(answers=False, changes=False))
        whole = total(tally for _, tally in self.tallies(begins, ends))
        if span > SUMMED and ends <= self._now and self._database is not None and self._kept_as is not None:
            with (
                suppress(OSError, sqlite3.Error),  # it only saves time
                kept_tallies(self._database, self._path) as kept,
            ):
                kept.keep_sum(span, begins, whole, after=self._kept_as)
        return whole

    @cached_property
    def begins(self) -> float:
        """The moment of the first lines; infinite where there are none."""
        return beginning(log_files(self._path))

    def answers_around(self, moment: int) -> frozenset[int]:
        """Keys of the answers given on the day of the moment."""
        day = moment // DAY * DAY
        if day < self._whole_from:
            self._since = 0.0
            self._read_or_keep_nothing()
        found: set[int] = set()
        for _, tally in self.tallies(day, day + DAY, with_answers=True):
            found |= tally.answers
        return frozenset(found)
