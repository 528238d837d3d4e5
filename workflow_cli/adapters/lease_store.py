"""Which questions are under way, in the state database, so that processes ask the same one once.

The lease of a holder that died is free at once where it ran on this machine, elsewhere when it runs out.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.answering_state import AnsweringState
from workflow_cli.adapters.state_database import transaction
from workflow_cli.app.answering.routing_ports import Held, Left, Taken

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock

#: Seconds that a result stays for those who wait.
_KEPT = 60.0
#: Older ones are dropped whenever so many were finished.
_LOOK_EVERY = 64


class SqliteLeases:
    """`lasts` is in seconds."""

    def __init__(self, state: AnsweringState, clock: Clock, *, lasts: float = 15.0) -> None:
        self._state = state
        self._clock = clock
        self.lasts = lasts
        self._host = os.uname().nodename
        self._finished = 0

    def take(self, key: str, *, awaited: str | None = None) -> Taken | Held | Left:
        token = secrets.token_hex(8)
        row = (key, token, self._now() + self.lasts, self._host, os.getpid())
        # Nearly always nobody holds it, and nobody waited for it: one statement is enough.
        if awaited is None and self._state.use(
            lambda database: database.execute("INSERT OR IGNORE INTO lease VALUES (?, ?, ?, ?, ?, NULL)", row).rowcount
        ):
            return Taken(token)
        # Those who wait look often, and must not keep others from writing.
        seen = self._state.use(lambda database: self._turn(_row(database, key), awaited))
        if seen is not None:
            return seen

        def work(database: sqlite3.Connection) -> Taken | Held | Left:
            with transaction(database):
                turn = self._turn(_row(database, key), awaited)
                if turn is not None:
                    return turn
                database.execute("INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, NULL)", row)
            return Taken(token)

        return self._state.use(work)

    def _turn(self, row: tuple[Any, ...] | None, awaited: str | None) -> Held | Left | None:
        """Whose turn it is; None where it is free."""
        if row is None:
            return None
        token, until, host, pid, result = row
        if result is not None:
            return Left(result) if token == awaited else None
        in_time = 0 < until - self._now() <= self.lasts * 2  # more than that was written by a clock since set back
        return Held(token) if in_time and (host != self._host or _lives(pid)) else None

    def renew(self, key: str, token: str) -> None:
        until = self._now() + self.lasts
        self._state.use(
            lambda database: database.execute(
                "UPDATE lease SET until = ? WHERE key = ? AND token = ?", (until, key, token)
            )
        )

    def finish(self, key: str, token: str, result: str) -> None:
        now = self._now()

        def work(database: sqlite3.Connection) -> None:
            database.execute(
                "UPDATE lease SET result = ?, until = ? WHERE key = ? AND token = ?", (result, now, key, token)
            )
            self._finished += 1
            if self._finished % _LOOK_EVERY == 1:
                database.execute("DELETE FROM lease WHERE result IS NOT NULL AND until < ?", (now - _KEPT,))

        self._state.use(work)

    def release(self, key: str, token: str) -> None:
        self._state.use(
            lambda database: database.execute("DELETE FROM lease WHERE key = ? AND token = ?", (key, token))
        )

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _row(database: sqlite3.Connection, key: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = database.execute(
        "SELECT token, until, host, pid, result FROM lease WHERE key = ?", (key,)
    ).fetchone()
    return row


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's
    return True
