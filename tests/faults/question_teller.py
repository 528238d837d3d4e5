"""Asks and answers without end, and tells of each question once it is kept: `python -m tests.faults.question_teller ROOT`."""

from __future__ import annotations

import sys
from pathlib import Path

from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.question_store import SqliteQuestionStore
from workflow_cli.app.answering.ports import PendingQuestion


def main(root: str) -> None:
    store = SqliteQuestionStore(Path(root), clock=SystemClock())
    number = 0
    while True:
        number += 1
        asked = PendingQuestion(id="", text=f"question {number}", asker="Ada", asked_at="2026-03-01T12:00:00.000Z")
        id = store.put(asked).id
        print("asked", id, flush=True)
        store.answer(id, f"answer {number}", by="Jo")
        print("answered", id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
