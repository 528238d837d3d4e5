"""Questions that wait for somebody, in `.workflow/questions.db`.

A database of its own, apart from the state that may be thrown away: what people asked and answered may not. What is
written is on the disk when a method returns.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.private_file import emptied
from workflow_cli.adapters.question_database import QuestionDatabase
from workflow_cli.app.answering.ports import GivenAnswer, PendingQuestion
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.question_key import key_of
from workflow_cli.errors import AlreadyThere, Refused, UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.answering.asked import Asked

#: A caller that asks without end must not fill the disk.
MOST_OPEN = 10_000
# `question.answer` is the answer in force; those that it replaced stay in their table.
_ENTRIES = """
SELECT q.number, q.id, q.text, q.change, q.context, q.asked_at, q.priority, q.expires_at,
       a.text, a.by, a.by_agent, a.at, a.sources,
       (SELECT json_group_array(name) FROM (SELECT name FROM asker WHERE question = q.number ORDER BY position))
FROM question q LEFT JOIN answer a ON a.number = q.answer
"""


class SqliteQuestionStore:
    """The queue of the tree at `root`. Without the file it is empty; the first question makes it."""

    def __init__(self, root: Path, *, clock: Clock, most_open: int = MOST_OPEN) -> None:
        self._database = QuestionDatabase(root)
        self.path = self._database.path
        self._clock = clock
        self._most_open = most_open
        #: What had become of the file before it was opened, for people.
        self.notices = emptied(
            self.path,
            consequence="no question is known. To have old ones back, put a copy of the file in its place",
        )

    # -- asking ------------------------------------------------------------------------------------------------

    def put(self, question: PendingQuestion) -> PendingQuestion:
        key = key_of(question.text, change=question.change, context=question.context)
        now = self._now()
        with self._database.transaction() as database:
            row = database.execute("SELECT number, answer, expires_at FROM question WHERE key = ?", (key,)).fetchone()
            if row is None:
                number = self._insert(database, question, key, now)
            else:
                number, answer, expires_at = row
                if answer is None and _is_past(expires_at, now):
                    # The old entry is taken over, so that its id, and who asked before, are not lost.
                    database.execute(
                        "UPDATE question SET asked_at = ?, priority = ?, expires_at = ? WHERE number = ?",
                        (question.asked_at, question.priority, question.expires_at, number),
                    )
                elif answer is None:
                    database.execute(
                        "UPDATE question SET priority = min(priority, ?), expires_at = ? WHERE number = ?",
                        (question.priority, _later(expires_at, question.expires_at), number),
                    )
            for name in (*question.askers, *([question.asker] if question.asker else [])):
                database.execute(
                    "INSERT OR IGNORE INTO asker VALUES"
                    " (?, (SELECT coalesce(max(position), 0) + 1 FROM asker WHERE question = ?), ?)",
                    (number, number, name),
                )
            return self._one(database, "q.number = ?", number)

    def _insert(self, database: sqlite3.Connection, question: PendingQuestion, key: str, now: str) -> int:
        still_open = "SELECT count(*) FROM question WHERE answer IS NULL AND (expires_at IS NULL OR expires_at > ?)"
        if database.execute(still_open, (now,)).fetchone()[0] >= self._most_open:
            raise Refused(
                f"{self._most_open} questions are open, and no more are taken",
                where=str(self.path),
                hint="workflow questions list; answer some, or drop them",
            )
        cursor = database.execute(
            "INSERT INTO question (id, key, text, change, context, asked_at, priority, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                question.id or new_id(),
                key,
                question.text,
                question.change,
                json.dumps(dict(question.context), ensure_ascii=False),
                question.asked_at,
                question.priority,
                question.expires_at,
            ),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    # -- looking -----------------------------------------------------------------------------------------------

    def get(self, id: str) -> PendingQuestion | None:
        return next(iter(self._entries("WHERE q.id = ?", id)), None)

    def find(self, asked: Asked) -> PendingQuestion | None:
        key = key_of(asked.text, change=asked.change, context=asked.context)
        entry = next(iter(self._entries("WHERE q.key = ?", key)), None)
        if entry is not None and entry.answer is None and _is_past(entry.expires_at, self._now()):
            return None
        return entry

    def listed(self, *, answered: bool | None = False) -> Sequence[PendingQuestion]:
        order = "ORDER BY q.priority, q.asked_at, q.number"
        if answered is None:
            return self._entries(order)
        if answered:
            return self._entries(f"WHERE q.answer IS NOT NULL {order}")
        return self._entries(
            f"WHERE q.answer IS NULL AND (q.expires_at IS NULL OR q.expires_at > ?) {order}", self._now()
        )

    def _entries(self, condition: str, *values: object) -> list[PendingQuestion]:
        return self._database.read(
            lambda database: [_entry(row) for row in database.execute(f"{_ENTRIES} {condition}", values)], []
        )

    # -- answering ---------------------------------------------------------------------------------------------

    def answer(
        self, id: str, text: str, *, by: str | None, by_agent: bool = False, sources: Sequence[Source] = ()
    ) -> PendingQuestion:
        given = GivenAnswer(id=id, text=text, by=by, by_agent=by_agent, sources=tuple(sources))
        return self.answer_all([given])[0]

    def answer_all(self, given: Sequence[GivenAnswer]) -> Sequence[PendingQuestion]:
        with self._database.transaction(without=_unknown("of that id")) as database:
            answered = [self._answer(database, one) for one in given]
        self._database.look()
        return answered

    def _answer(self, database: sqlite3.Connection, given: GivenAnswer) -> PendingQuestion:
        entry = self._one(database, "q.id = ?", given.id)
        if entry.answer is not None and not given.replace:
            if entry.answer == given.text:
                return entry
            raise AlreadyThere(
                f"question {given.id} has another answer{f', by {entry.answered_by}' if entry.answered_by else ''}",
                hint=f"workflow questions show {given.id}; --replace puts yours in its place",
            )
        (question,) = database.execute("SELECT number FROM question WHERE id = ?", (given.id,)).fetchone()
        sources = json.dumps([asdict(source) for source in given.sources], ensure_ascii=False)
        cursor = database.execute(
            "INSERT INTO answer (question, id, text, by, by_agent, at, sources) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (question, given.id, given.text, given.by, given.by_agent, self._now(), sources),
        )
        database.execute("UPDATE question SET answer = ? WHERE number = ?", (cursor.lastrowid, question))
        return self._one(database, "q.number = ?", question)

    def drop(self, id: str) -> PendingQuestion:
        with self._database.transaction(without=_unknown("of that id")) as database:
            entry = self._one(database, "q.id = ?", id)
            database.execute("DELETE FROM question WHERE id = ?", (id,))
            return entry

    # -- waiting -----------------------------------------------------------------------------------------------

    async def wait(self, id: str, *, seconds: float) -> PendingQuestion | None:
        import asyncio

        loop = asyncio.get_running_loop()
        arrived = asyncio.Event()
        with self._database.watching().told(id, lambda: loop.call_soon_threadsafe(arrived.set)):
            # Only now: an answer given before this line is found here, one given after it is told of.
            entry = self.get(id)
            if entry is None or entry.answer is not None:
                return entry
            try:
                async with asyncio.timeout(seconds):
                    await arrived.wait()
            except TimeoutError:
                return None
        return None if self._database.closed else self.get(id)

    def _one(self, database: sqlite3.Connection, condition: str, value: object) -> PendingQuestion:
        row = database.execute(f"{_ENTRIES} WHERE {condition}", (value,)).fetchone()
        if row is None:
            raise _unknown(str(value))
        return _entry(row)

    def _now(self) -> str:
        return stamp(self._clock.now())

    def close(self) -> None:
        """Whoever still waits is told, and gets nothing."""
        self._database.close()


def new_id() -> str:
    """Eighty bits of chance, behind a letter so that no format takes it for a number."""
    return f"q{secrets.token_hex(10)}"


def stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry(row: Sequence[Any]) -> PendingQuestion:
    askers = tuple(json.loads(row[13]))
    return PendingQuestion(
        id=row[1],
        text=row[2],
        change=row[3],
        context=json.loads(row[4]),
        asked_at=row[5],
        priority=row[6],
        expires_at=row[7],
        asker=askers[0] if askers else None,
        askers=askers,
        answer=row[8],
        answered_by=row[9],
        answered_by_agent=bool(row[10]),
        answered_at=row[11],
        sources=_sources(json.loads(row[12] or "[]")),
    )


def _sources(values: Iterable[dict[str, Any]]) -> tuple[Source, ...]:
    return tuple(Source(**value) for value in values)


def _unknown(what: str) -> UsageError:
    return UsageError(f"no question {what}", hint="workflow questions list --all")


def _is_past(expires_at: str | None, now: str) -> bool:
    return expires_at is not None and datetime.fromisoformat(expires_at) <= datetime.fromisoformat(now)


def _later(one: str | None, other: str | None) -> str | None:
    """The later end; None never comes."""
    if one is None or other is None:
        return None
    return max(one, other, key=datetime.fromisoformat)
