"""Methods under way together, in several event loops, cancelled, and killed."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.api.conftest import events_of
from tests.cli.asking import HOWTO, PLAIN, UNKNOWN
from tests.fakes.lmstudio_server import LmStudioServer
from tests.fakes.lmstudio_steps import Reply
from workflow_cli import DocumentManager, QuestionRouter, WorkflowOrchestrator
from workflow_cli.adapters.tree_lock import TreeLock
from workflow_cli.errors import NoTree, SettingsError

DESIGN = "openspec/changes/add-receipts/design.md"


def test_a_hundred_questions_at_once_are_each_answered_once(root: Path) -> None:
    """Those that wait too; the same question is one. Meanwhile the event loop goes on."""
    questions = QuestionRouter(offline=True)

    async def main() -> None:
        turns = 0

        async def other_work() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        other = asyncio.create_task(other_work())
        known = [questions.ask_question(f"Does the shop lock an account after {n} passwords?", "a") for n in range(50)]
        unknown = [questions.ask_question(f"{UNKNOWN} {n % 25}", f"agent {n}") for n in range(50)]
        answers = await asyncio.gather(*known, *unknown)
        other.cancel()
        assert {answer.status for answer in answers[:50]} == {"answered"}
        assert len({answer.id for answer in answers[:50]}) == 50
        assert {answer.status for answer in answers[50:]} == {"pending"}
        waiting = await questions.get_pending_questions()
        assert len(waiting) == 25
        assert {one.id for one in waiting} == {answer.id for answer in answers[50:]}
        assert {len(one.askers) for one in waiting} == {2}
        assert turns > 20

    asyncio.run(main())
    assert len(events_of(root, "question")) == 100


def test_one_object_serves_one_event_loop_after_the_other(root: Path) -> None:
    orchestrator = WorkflowOrchestrator(offline=True)
    for _ in range(2):
        assert asyncio.run(orchestrator.route_question(PLAIN)).status == "answered"
        assert asyncio.run(orchestrator.process_openspec_change("add-receipts")).valid

    async def kept_open() -> None:
        async with orchestrator, orchestrator:
            assert (await orchestrator.route_question(PLAIN)).status == "answered"

    asyncio.run(kept_open())
    asyncio.run(kept_open())


def test_one_object_serves_event_loops_in_several_threads(root: Path) -> None:
    questions = QuestionRouter(offline=True)
    found: list[str] = []

    def ask(number: int) -> None:
        asked = [questions.ask_question(f"{PLAIN} {number} {n}", "a") for n in range(5)]
        found.extend(answer.status for answer in asyncio.run(gathered(asked)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == ["answered"] * 15


async def gathered(calls: list) -> list:  # type: ignore[type-arg]
    return await asyncio.gather(*calls)


def test_a_question_that_is_cancelled_is_let_go(root: Path) -> None:
    """The model's request is broken off, and the next question is answered as if nothing had been."""
    with LmStudioServer() as server:
        (root / "workflow.yaml").write_text(f"lm_studio: {{base_url: '{server.base_url}'}}\n")
        server.script(Reply(hang_after=0))
        questions = QuestionRouter()

        async def main() -> None:
            asked = asyncio.create_task(questions.ask_question(HOWTO, "builder"))
            assert await asyncio.to_thread(server.wait_until, lambda: bool(server.chats()))
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            assert await asyncio.to_thread(server.wait_until, lambda: server.gone_early == 1)
            assert (await questions.ask_question(HOWTO, "builder")).answerer == "model"

        asyncio.run(main())
    assert [event["status"] for event in events_of(root, "question")] == ["interrupted", "answered"]


def test_a_write_that_is_cancelled_before_its_commit_writes_nothing(root: Path) -> None:
    """It waits for the lock that another process holds, and its caller has no patience."""
    documents = DocumentManager()
    (root / ".workflow").mkdir()

    async def main() -> None:
        with TreeLock(root / ".workflow", timeout=5).hold(), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await documents.update_openspec(DESIGN, {"risks": ["impatience"]})
        # Those that come later are written by the same one writer, so it has ended by then.
        update = await documents.update_openspec(DESIGN, {"risks": ["patience"]})
        assert update.revision is not None
        assert update.revision.number == 1

    asyncio.run(main())
    assert "impatience" not in (root / DESIGN).read_text("utf-8")


WRITER = """
import asyncio, sys
from workflow_cli import DocumentManager

async def main():
    documents = DocumentManager(offline=True)
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(int(sys.argv[2])):
        update = await documents.update_openspec("add-receipts/design.md", {"risks": [f"{sys.argv[1]}-{n}"]})
        assert update.state == "written", update
        print(n, flush=True)

asyncio.run(main())
"""


def writer(root: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, name, str(count)],
        cwd=root, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_two_processes_that_update_one_file_lose_nothing(root: Path) -> None:
    writers = [writer(root, name, 3) for name in "ab"]
    for process in writers:
        assert process.stdout is not None
        process.stdout.readline()
    for process in writers:
        assert process.communicate("\n", timeout=60)[1] == ""
    text = (root / DESIGN).read_text("utf-8")
    assert sorted(text.split("- ")[1:]) == sorted(f"{name}-{n}\n" for name in "ab" for n in range(3))
    history = asyncio.run(DocumentManager().get_change_history(DESIGN))
    assert [revision.number for revision in history] == list(range(6, 0, -1))


def test_a_process_that_is_killed_leaves_all_of_a_write_or_nothing(root: Path) -> None:
    process = writer(root, "k", 1000)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    process.stdin.write("\n")
    process.stdin.flush()
    for _ in range(3):
        process.stdout.readline()
    time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    told = 2 + len(process.communicate(timeout=30)[0].splitlines())
    documents = DocumentManager()
    update = asyncio.run(documents.update_openspec(DESIGN, {"risks": ["after"]}))
    items = (root / DESIGN).read_text("utf-8").split("- ")[1:]
    history = asyncio.run(documents.get_change_history(DESIGN))
    assert items == [*(f"k-{n}\n" for n in range(len(items) - 1)), "after\n"]
    assert len(history) == len(items) > told
    assert update.revision == history[0]


def test_without_a_tree_nothing_is_made(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orchestrator = WorkflowOrchestrator(offline=True)
    (root / "openspec").rename(root.parent / "away")
    for call in (
        orchestrator.update_document(DESIGN, {"risks": ["one"]}),
        orchestrator.route_question(PLAIN),
        orchestrator.process_openspec_change("add-receipts"),
        orchestrator.analyze_feedback(),
    ):
        with pytest.raises(NoTree):
            asyncio.run(call)  # type: ignore[arg-type]
    assert sorted(path.name for path in root.iterdir()) == []
    with pytest.raises(NoTree) as raised:
        WorkflowOrchestrator()
    assert raised.value.hint
    with pytest.raises(NoTree):
        WorkflowOrchestrator(root=root)
    gone = root.parent / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(NoTree, match="was deleted"):
        WorkflowOrchestrator()


def test_settings_are_checked_and_followed(root: Path, tmp_path: Path) -> None:
    (root / "workflow.yaml").write_text("answers: {cash: false}\n")
    with pytest.raises(SettingsError, match="cash"):
        QuestionRouter()
    other = tmp_path / "other.yaml"
    other.write_text("questions: {context_keys: [ticket]}\n")
    (root / "workflow.yaml").unlink()
    questions = QuestionRouter(root=root, config=other, offline=True)
    assert asyncio.run(questions.ask_question(PLAIN, "a", context={"ticket": 7})).status == "answered"
    other.write_text("questions: {context_keys: [ticket, customer]}\n")
    assert asyncio.run(questions.ask_question(PLAIN, "a", context={"customer": "x"})).status == "answered"
