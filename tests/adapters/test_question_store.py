"""The queue of questions on disk: its file, and waiting across processes. What it does is in the contract."""

from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.question_store import SqliteQuestionStore
from workflow_cli.app.answering.ports import PendingQuestion
from workflow_cli.errors import DocumentError

REPOSITORY = Path(__file__).parents[2]
ASKED = PendingQuestion(id="", text="How long?", asker="Ada", asked_at="2026-03-01T12:00:00.000Z")


def opened(root: Path) -> SqliteQuestionStore:
    return SqliteQuestionStore(root, clock=SystemClock())


def test_looking_makes_no_file(tmp_path: Path) -> None:
    """Most trees have no questions, and most commands ask for none."""
    store = opened(tmp_path)
    assert (list(store.listed()), store.get("q1")) == ([], None)
    assert os.listdir(tmp_path) == []


def test_the_file_is_private_and_git_ignores_it(tmp_path: Path) -> None:
    """Whatever the umask: what people ask is nobody else's business."""
    old = os.umask(0)
    try:
        store = opened(tmp_path)
        store.put(ASKED)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.glob("questions.db*")}
        store.close()
    finally:
        os.umask(old)
    assert modes["questions.db"] == 0o600
    assert set(modes.values()) == {0o600}
    assert (tmp_path / ".workflow" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("what", ["file", "directory"])
def test_a_link_in_its_place_is_refused(tmp_path: Path, what: str) -> None:
    """It could lead anywhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "tree"
    root.mkdir()
    if what == "directory":
        (root / ".workflow").symlink_to(outside)
    else:
        (root / ".workflow").mkdir()
        (root / ".workflow" / "questions.db").symlink_to(outside / "questions.db")
    with pytest.raises(DocumentError):
        opened(root).put(ASKED)
    assert os.listdir(outside) == []


def test_a_damaged_file_is_an_error_and_is_left_alone(tmp_path: Path) -> None:
    """Unlike a cache it is never put aside by itself."""
    store = opened(tmp_path)
    store.put(ASKED)
    store.close()
    store.path.write_bytes(b"no database" * 100)
    for use in (lambda: store.put(ASKED), store.listed):
        with pytest.raises(DocumentError, match="damaged"):
            use()
    assert store.path.read_bytes() == b"no database" * 100


def test_a_file_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    """It says to update."""
    store = opened(tmp_path)
    store.put(ASKED)
    store._database._writer.execute("PRAGMA user_version=2")  # type: ignore[union-attr]
    store.close()
    with pytest.raises(DocumentError, match="newer"):
        opened(tmp_path).listed()


def test_an_answer_of_another_process_reaches_everybody_who_waits(tmp_path: Path) -> None:
    """Waiters in several threads and tasks, the answer from outside."""
    store = opened(tmp_path)
    id = store.put(ASKED).id
    script = (
        "import sys; from pathlib import Path; from tests.adapters.test_question_store import opened;"
        "opened(Path(sys.argv[1])).answer(sys.argv[2], 'a day', by='Jo')"
    )
    got: list[str | None] = []

    def wait() -> None:
        entry = asyncio.run(store.wait(id, seconds=60))
        got.append(entry and entry.answer)

    async def wait_together() -> None:
        entries = await asyncio.gather(*(store.wait(id, seconds=60) for _ in range(20)))
        got.extend(entry and entry.answer for entry in entries)

    threads = [threading.Thread(target=work) for work in (wait, wait, lambda: asyncio.run(wait_together()))]
    for thread in threads:
        thread.start()
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), id],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=True,
    )
    for thread in threads:
        thread.join()
    store.close()
    assert got == ["a day"] * 22


def test_the_thread_that_watches_ends_when_nobody_waits(tmp_path: Path) -> None:
    """Nothing is left running."""
    store = opened(tmp_path)
    id = store.put(ASKED).id
    asyncio.run(store.wait(id, seconds=0.01))
    watching = [thread for thread in threading.enumerate() if thread.name == "answers"]
    for thread in watching:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in watching)
    store.close()


def test_closing_wakes_who_waits(tmp_path: Path) -> None:
    """A process that ends does not wait out the time."""
    store = opened(tmp_path)
    id = store.put(ASKED).id

    async def run() -> object:
        waiting = asyncio.create_task(store.wait(id, seconds=600))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(store.close)
        return await waiting

    assert asyncio.run(run()) is None


def test_a_child_process_uses_connections_of_its_own(tmp_path: Path) -> None:
    """SQLite's must not cross a fork."""
    script = """
import os, sys
from pathlib import Path
from tests.adapters.test_question_store import ASKED, opened
store = opened(Path(sys.argv[1]))
id = store.put(ASKED).id
store.get(id)
child = os.fork()
if not child:
    store.answer(id, "by the child", by="Jo")
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(store.get(id).answer)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "by the child\n"
