"""Questions are asked, wait, and are answered, as by the commands."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.api.conftest import PERSON, events_of
from tests.cli.asking import HOWTO, PLAIN, UNKNOWN
from tests.fakes.lmstudio_server import LmStudioServer
from workflow_cli import QuestionRouter, WorkflowOrchestrator, wiring
from workflow_cli.errors import AlreadyThere, FaultyInput, ServiceError, UsageError
from workflow_cli.wiring.mcp import McpRun

FAKE = Path(__file__).parents[1] / "fakes" / "mcp_server.py"


def test_the_documents_answer_with_a_quote_that_stands_in_them(root: Path) -> None:
    """The constructor takes nothing; the tree is the one of the working directory."""
    answer = asyncio.run(QuestionRouter().ask_question(PLAIN, "builder"))
    assert (answer.status, answer.answerer, answer.question) == ("answered", "specs", PLAIN)
    source = answer.sources[0]
    assert source.path == "openspec/specs/auth/spec.md"
    assert source.quote.splitlines()[0] in (root / source.path).read_text("utf-8").splitlines()[source.line - 1]
    assert str(answer) == answer.text
    (event,) = events_of(root, "question")
    assert (event["status"], event["answer_id"], event["asker"]) == ("answered", answer.id, "builder")


def test_what_nobody_knows_waits_until_somebody_answers_it(root: Path) -> None:
    questions = QuestionRouter(offline=True)

    async def main() -> None:
        pending = await questions.ask_question(UNKNOWN, "builder", context={"goal": "paint"})
        assert pending.status == "pending"
        (waiting,) = await questions.get_pending_questions()
        assert (waiting.id, waiting.text, waiting.asker, waiting.context) == (
            pending.id, UNKNOWN, "builder", {"goal": "paint"},
        )  # fmt: skip
        given = await questions.submit_answer(waiting.id, "None.", sources=["openspec/specs/auth/spec.md:9"])
        assert (given.answer, given.answered_by, given.answered_by_agent) == ("None.", PERSON, False)
        assert await questions.get_pending_questions() == ()
        answer = await questions.ask_question(UNKNOWN, "another", context={"goal": "paint"})
        assert (answer.status, answer.text, answer.by, answer.unsourced) == ("answered", "None.", PERSON, False)
        with pytest.raises(AlreadyThere):
            await questions.submit_answer(waiting.id, "Several.")
        again = await questions.submit_answer(waiting.id, "Several.", agent="critic", replace=True)
        assert (again.answer, again.answered_by, again.answered_by_agent) == ("Several.", "critic", True)

    asyncio.run(main())
    assert [event["by"] for event in events_of(root, "question.answered")] == ["person", "agent"]


def test_whoever_waits_gets_the_answer_that_comes_meanwhile(root: Path) -> None:
    questions = QuestionRouter(offline=True)

    async def main() -> None:
        waiting = asyncio.create_task(questions.ask_question(UNKNOWN, "builder", wait=30))
        while not (pending := await questions.get_pending_questions()):
            await asyncio.sleep(0.01)
        await questions.submit_answer(pending[0].id, "None.", author="Mara")
        assert ((answer := await waiting).text, answer.by) == ("None.", "Mara")

    asyncio.run(main())


def test_without_the_queue_nobody_is_left_to_it(root: Path) -> None:
    questions = QuestionRouter(offline=True)
    answer = asyncio.run(questions.ask_question(UNKNOWN, "builder", queue=False))
    assert (answer.status, answer.sources) == ("not_in_specs", ())
    assert asyncio.run(questions.get_pending_questions()) == ()


def test_the_context_may_name_a_change_and_is_checked(root: Path) -> None:
    orchestrator = WorkflowOrchestrator(offline=True)

    async def main() -> None:
        answer = await orchestrator.route_question("Who gets a receipt after a payment?", {"change": "add-receipts"})
        assert answer.sources[0].path.startswith("openspec/changes/add-receipts/")
        with pytest.raises(UsageError, match="no change 'add-receipt'") as raised:
            await orchestrator.route_question(PLAIN, {"change": "add-receipt"})
        assert (raised.value.where, raised.value.hint) == ("change", "nearest: add-receipts")
        with pytest.raises(FaultyInput, match="did you mean 'file'") as faulty:
            await orchestrator.route_question(PLAIN, {"fil": "x", "tak": 7})
        assert (faulty.value.where, len(faulty.value.faults)) == ("context", 2)
        assert faulty.value.hint
        with pytest.raises(UsageError, match="a change's name was expected"):
            await orchestrator.route_question(PLAIN, {"change": 7})
        with pytest.raises(FaultyInput, match="it is empty"):
            await orchestrator.route_question("  ")
        with pytest.raises(UsageError, match="who asks is not known"):
            await orchestrator.route_question(PLAIN, agent_id=" ")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"wait": -1}, "wait"),
        ({"wait": float("nan")}, "wait"),
        ({"wait": 90_000}, "wait"),
        ({"wait": 1, "queue": False}, "wait"),
        ({"answerers": ["oracle"]}, "answerer"),
    ],
    ids=str,
)
def test_arguments_that_cannot_be_followed_are_refused(root: Path, arguments: dict[str, object], where: str) -> None:
    with pytest.raises(UsageError) as raised:
        asyncio.run(QuestionRouter(offline=True).ask_question(PLAIN, **arguments))  # type: ignore[arg-type]
    assert raised.value.where == where
    assert raised.value.hint


def test_an_answer_names_a_question_that_is_there(root: Path) -> None:
    questions = QuestionRouter()
    with pytest.raises(UsageError, match="no question 'q1234567'"):
        asyncio.run(questions.submit_answer("q1234567", "None."))
    with pytest.raises(UsageError, match="either a person or an agent"):
        asyncio.run(questions.submit_answer("q1234567", "None.", author="Mara", agent="critic"))


def test_a_model_is_asked_where_there_is_one(root: Path) -> None:
    """Its connections are closed with the last question, or kept where the router is a context manager."""
    with LmStudioServer() as server:
        (root / "workflow.yaml").write_text(
            f"lm_studio: {{base_url: '{server.base_url}'}}\nanswers: {{cache: false}}\n"
        )
        questions = QuestionRouter()

        async def apart() -> set[int]:
            for _ in range(2):
                answer = await questions.ask_question(HOWTO, "builder")
                assert (answer.status, answer.answerer, answer.degraded) == ("answered", "model", ())
                assert answer.sources
            return {chat.connection for chat in server.chats()}

        async def together() -> set[int]:
            server.requests.clear()
            async with questions:
                for _ in range(2):
                    assert (await questions.ask_question(HOWTO, "builder")).answerer == "model"
            return {chat.connection for chat in server.chats()}

        assert len(asyncio.run(apart())) == 2
        assert len(asyncio.run(together())) == 1
        assert server.wait_until(lambda: not server._writers)


def test_a_model_that_is_not_there_is_told_as_degraded(root: Path) -> None:
    with LmStudioServer() as server:
        closed = server.base_url
    (root / "workflow.yaml").write_text(f"lm_studio: {{base_url: '{closed}'}}\n")
    answer = asyncio.run(QuestionRouter().ask_question(HOWTO, "builder"))
    assert [one.what for one in answer.degraded] == ["model"]
    with pytest.raises(ServiceError, match="nobody could answer"):
        asyncio.run(QuestionRouter().ask_question(HOWTO, "builder", answerers=["model"]))
    assert asyncio.run(QuestionRouter(offline=True).ask_question(PLAIN, "builder")).degraded == ()


STARTED = """
import os, runpy, sys
with open("started", "a") as file:
    file.write(f"{os.getpid()}\\n")
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_tool_servers_are_ended_with_the_last_question(root: Path) -> None:
    """Or with the context manager, by another task than the one that started them."""
    pytest.importorskip("mcp")
    server = {"command": sys.executable, "args": ["-c", STARTED, str(FAKE), "honest"]}
    settings = {"answers": {"order": ["tools"], "cache": False}, "mcp": {"servers": {"words": server}}}
    (root / "workflow.yaml").write_text(json.dumps(settings))
    run = McpRun(root, wiring.settings_in_force(root))
    configured = run.server("words")
    run.approve(configured, run.started(configured))
    (root / "started").unlink()
    questions = QuestionRouter()

    async def ask(word: str) -> str:
        return str(await questions.ask_question(f'lookup word "{word}"', "builder"))

    async def main() -> None:
        for word in ("hello", "goodbye"):
            assert "means a friendly greeting." in await ask(word)
        assert len(alive()) == 0
        async with questions:
            await asyncio.gather(*(asyncio.create_task(ask(word)) for word in ("hello", "goodbye")))
            assert len(alive()) == 1
        assert len(alive()) == 0

    def alive() -> list[int]:
        pids = [int(line) for line in (root / "started").read_text().split()]
        return [pid for pid in pids if is_running(pid)]

    asyncio.run(main())
    assert len((root / "started").read_text().split()) == 3


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
