"""Many processes that ask and answer at once: `python -m tests.faults.question_crowd ROOT PROCESSES TIMES`.

Each asks its own questions and those that all ask, and tries to answer both. It leaves a file beside the queue: the
questions that it was told are kept, and those whose answer it was told is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from pathlib import Path

from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.question_store import SqliteQuestionStore
from workflow_cli.app.answering.ports import PendingQuestion
from workflow_cli.errors import AlreadyThere


def one(root: Path, name: str, times: int) -> None:
    store = SqliteQuestionStore(root, clock=SystemClock())
    kept: list[str] = []
    answered: list[str] = []
    for number in range(times):
        for text in (f"shared {number}", f"{name} {number}"):
            asked = PendingQuestion(id="", text=text, asker=name, asked_at="2026-03-01T12:00:00.000Z")
            entry = store.put(asked)
            kept.append(entry.id)
            with contextlib.suppress(AlreadyThere):
                store.answer(entry.id, f"by {name}", by=name)
                answered.append(entry.id)
    store.close()
    (root / f"{name}.json").write_text(json.dumps({"name": name, "kept": kept, "answered": answered}))


def main(root: str, processes: str, times: str) -> int:
    children = []
    for number in range(int(processes)):
        child = os.fork()
        if not child:
            try:
                one(Path(root), f"p{number}", int(times))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(child)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
