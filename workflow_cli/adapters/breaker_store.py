"""The breaker of each answerer, in the state database: a server that fails one command is left alone by the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from workflow_cli.adapters.answering_state import AnsweringState
from workflow_cli.adapters.state_database import transaction
from workflow_cli.domain.answering.breaker import (
    Admission,
    Breaker,
    BreakerPolicy,
    admission,
    after_failure,
    after_success,
    trial_begun,
)
from workflow_cli.domain.answering.failure import FailureKind
from workflow_cli.domain.whole_text import whole_text

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock

#: A reason is shown in one line; a server's own words in it may be of any length.
_LONGEST_REASON = 1000


class SqliteBreakers:
    """No row is a breaker that is closed and has counted nothing.

    `servers` says which server stands behind an answerer, where that may be changed: another one is not left alone for what
    the last one did.
    """

    def __init__(self, state: AnsweringState, clock: Clock, *, servers: Mapping[str, str] | None = None) -> None:
        self._state = state
        self._clock = clock
        self._servers = servers or {}
        self._seen: dict[str, Breaker] = {}

    def state(self, answerer: str) -> Breaker:
        return self._state.use(lambda database: _read(database, self._name(answerer)))

    def admit(self, answerer: str, *, trial_lasts: float) -> Admission:
        now = self._now()
        state = self._seen[answerer] = self.state(answerer)
        seen = admission(state, now)
        if seen is not Admission.TRIAL:
            return seen

        def work(database: sqlite3.Connection) -> Admission:
            with transaction(database):
                state = _read(database, self._name(answerer))
                found = admission(state, now)
                if found is Admission.TRIAL:
                    _write(database, self._name(answerer), trial_begun(state, now, lasts=trial_lasts))
                return found

        return self._state.use(work)

    def succeeded(self, answerer: str) -> None:
        # What it was when it was asked is enough: where all was well, nothing is written.
        state = self._seen.get(answerer) or self.state(answerer)
        if state != Breaker():
            self._seen[answerer] = after_success(state)
            self._state.use(lambda database: _write(database, self._name(answerer), after_success(state)))

    def failed(
        self,
        answerer: str,
        kind: FailureKind,
        policy: BreakerPolicy,
        *,
        retry_after: float | None = None,
        why: str | None = None,
    ) -> None:
        why = None if why is None else whole_text(why)[:_LONGEST_REASON]

        def work(database: sqlite3.Connection) -> None:
            with transaction(database):
                state = _read(database, self._name(answerer))
                failed = after_failure(state, kind, self._now(), policy, retry_after=retry_after, why=why)
                _write(database, self._name(answerer), failed)

        self._state.use(work)

    def _name(self, answerer: str) -> str:
        server = self._servers.get(answerer)
        return answerer if server is None else f"{answerer} at {server}"

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _read(database: sqlite3.Connection, answerer: str) -> Breaker:
    row = database.execute(
        "SELECT failures, until, openings, kind, why FROM breaker LEFT JOIN breaker_reason USING (answerer)"
        " WHERE answerer = ?",
        (answerer,),
    ).fetchone()
    if row is None:
        return Breaker()
    return Breaker(failures=row[0], until=row[1], openings=row[2], kind=row[3], why=row[4])


def _write(database: sqlite3.Connection, answerer: str, state: Breaker) -> None:
    database.execute("DELETE FROM breaker_reason WHERE answerer = ?", (answerer,))
    if state == Breaker():
        database.execute("DELETE FROM breaker WHERE answerer = ?", (answerer,))
    else:
        database.execute(
            "INSERT OR REPLACE INTO breaker VALUES (?, ?, ?, ?, ?)",
            (answerer, state.failures, state.until, state.openings, state.kind),
        )
        if state.why is not None:
            database.execute("INSERT INTO breaker_reason VALUES (?, ?)", (answerer, state.why))
