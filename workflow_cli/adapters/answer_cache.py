"""Answers given before, in the state database, shared by all processes on the tree."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from workflow_cli.adapters.answering_state import AnsweringState
from workflow_cli.app.answering.answer_json import kept_json, read_kept
from workflow_cli.app.answering.routing_ports import KeptAnswer

#: The oldest are dropped whenever so many were added.
_LOOK_EVERY = 64
_ROW = "SELECT key, served, provisional, at, expires_at, value FROM answer"


class SqliteAnswerCache:
    """At most about `entries` answers."""

    def __init__(self, state: AnsweringState, *, entries: int) -> None:
        self._state = state
        self._entries = entries
        self._added = 0

    @property
    def degraded(self) -> str | None:
        return self._state.degraded

    def get(self, key: str) -> KeptAnswer | None:
        return self._one(f"{_ROW} WHERE key = ? AND served", key)

    def by_id(self, id: str) -> KeptAnswer | None:
        return self._one(f"{_ROW} WHERE id = ?", id)

    def by_key_start(self, start: str) -> KeptAnswer | None:
        """The last answer to the question whose key begins so: events have no more of it."""
        return self._one(f"{_ROW} WHERE key >= ? AND key < ? || 'g' ORDER BY at DESC LIMIT 1", start, start)

    def _one(self, query: str, *values: str) -> KeptAnswer | None:
        row = self._state.use(lambda database: database.execute(query, values).fetchone())
        try:
            return None if row is None else _kept(row)
        except (ValueError, TypeError, KeyError):
            return None  # a row of another version: asked anew, and then replaced

    def put(self, kept: KeptAnswer) -> None:
        row = (
            kept.answer.id,
            kept.key,
            kept.served,
            kept.provisional,
            kept.at,
            kept.expires_at,
            json.dumps(_value(kept), ensure_ascii=True, separators=(",", ":")),
        )

        def work(database: sqlite3.Connection) -> None:
            database.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            self._added += 1
            if self._added % _LOOK_EVERY == 1:
                database.execute(
                    "DELETE FROM answer WHERE at < (SELECT at FROM answer ORDER BY at DESC LIMIT 1 OFFSET ?)",
                    (self._entries,),
                )

        self._state.use(work)

    def evict(self, id: str) -> None:
        self._state.use(lambda database: database.execute("DELETE FROM answer WHERE id = ?", (id,)))


def _value(kept: KeptAnswer) -> dict[str, Any]:
    return {
        "question": kept.question,
        "kind": kept.kind,
        "change": kept.change,
        "context": dict(kept.context),
        "files": dict(kept.files),
        "model": kept.model,
        "answer": kept_json(kept.answer),
    }


def _kept(row: tuple[Any, ...]) -> KeptAnswer:
    key, served, provisional, at, expires_at, text = row
    value = json.loads(text)
    return KeptAnswer(
        key=key,
        question=value["question"],
        kind=value["kind"],
        change=value["change"],
        context=value["context"],
        files=value["files"],
        answer=read_kept(value["answer"]),
        model=value.get("model"),
        at=at,
        expires_at=expires_at,
        provisional=bool(provisional),
        served=bool(served),
    )
