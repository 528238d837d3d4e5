"""Ends each write to the queue of questions with SIGKILL at each of its points, and looks what is left.

Run as a program, because it forks: `python -m tests.faults.question_kills DIRECTORY`. Prints one JSON document.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

from tests.faults.kill_points import in_child, kill_me
from tests.faults.write_points import At, count, watched
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.question_store import SqliteQuestionStore
from workflow_cli.app.answering.ports import GivenAnswer, PendingQuestion

Write = Callable[[SqliteQuestionStore], object]


def opened(root: Path) -> SqliteQuestionStore:
    return SqliteQuestionStore(root, clock=SystemClock())


def question(text: str, asker: str = "Ada") -> PendingQuestion:
    return PendingQuestion(id=f"q-{text}", text=text, asker=asker, asked_at="2026-03-01T12:00:00.000Z")


def prepare(root: Path) -> None:
    store = opened(root)
    for text in ("first", "second"):
        store.put(question(text))
    store.answer("q-second", "yes", by="Jo")
    store.close()


WRITES: dict[str, Write] = {
    "a question": lambda store: store.put(question("new")),
    "a question that is there": lambda store: store.put(question("first", "Bo")),
    "an answer": lambda store: store.answer("q-first", "a day", by="Jo"),
    "several answers": lambda store: store.answer_all(
        [
            GivenAnswer(id="q-first", text="a day", by="Jo"),
            GivenAnswer(id="q-second", text="no", by="Jo", replace=True),
        ]
    ),
    "dropping one": lambda store: store.drop("q-second"),
}


def seen(root: Path) -> object:
    """All that the queue says, times of answers aside; what SQLite finds wrong with the file."""
    store = opened(root)
    entries = [[e.id, e.text, list(e.askers), e.answer, e.answered_by] for e in store.listed(answered=None)]
    store.close()
    if not store.path.exists():
        return [entries, "ok", 0]
    database = sqlite3.connect(store.path)
    wrong = database.execute("PRAGMA integrity_check").fetchone()[0]
    orphans = database.execute("SELECT count(*) FROM answer WHERE question NOT IN (SELECT number FROM question)")
    found = [entries, wrong, orphans.fetchone()[0]]
    database.close()
    return found


def told_by_child(work: Callable[[], object]) -> object:
    """What `work` returns, done in a process of its own: none of its connections stays here."""
    reading, writing = os.pipe()
    status = in_child(lambda: os.write(writing, json.dumps(work()).encode()))
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        data = stream.read()
    if status != 0:
        raise RuntimeError("a look at the queue failed")
    return json.loads(data)


def kills_of(place: Path, name: str, write: Write, *, empty: bool) -> tuple[int, dict[str, int], list[str]]:
    template, root = place / "template", place / "tree"
    template.mkdir(parents=True)
    if not empty:
        in_child(lambda: prepare(template))

    def copy() -> None:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)

    def work() -> None:
        store = opened(root)
        write(store)
        store.close()

    copy()
    before = told_by_child(lambda: seen(root))
    points = told_by_child(lambda: len(count(work)))
    assert isinstance(points, int)
    after = told_by_child(lambda: seen(root))
    outcomes, faults = {"before": 0, "after": 0}, []
    for number in range(1, points + 1):
        copy()

        def until_killed(number: int = number) -> None:
            with watched(At(number, kill_me)):
                work()

        if not os.WIFSIGNALED(in_child(until_killed)):
            faults.append(f"{name}: point {number} was not reached")
        left = told_by_child(lambda: seen(root))
        if left not in (before, after):
            faults.append(f"{name}, point {number}: neither before nor after: {left}")
            continue
        outcomes["after" if left == after else "before"] += 1
        if left == before and before != after:
            in_child(work)
            if told_by_child(lambda: seen(root)) != after:
                faults.append(f"{name}, point {number}: the same write afterwards went wrong")
    return points, outcomes, faults


def main(directory: str) -> int:
    total = {"kills": 0, "before": 0, "after": 0}
    faults: list[str] = []
    for number, (name, write) in enumerate([("the first question", WRITES["a question"]), *WRITES.items()]):
        kills, outcomes, wrong = kills_of(Path(directory) / str(number), name, write, empty=number == 0)
        total["kills"] += kills
        for kind, times in outcomes.items():
            total[kind] += times
        faults += wrong
    print(json.dumps({**total, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
