"""Agents ask, wait, list and answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.mcp_server.conftest import Agent, Planned
from workflow_cli.errors import ServiceError

Talk = Callable[..., Any]
QUESTION = "How long is a session?"
NOBODY_KNOWS = "Who waters the plants in the office kitchen?"


def test_an_answer_that_comes_soon_comes_at_once(talk: Talk, planned: Planned) -> None:
    """With its sources; and get_answer gives it again."""

    async def calls(agent: Agent) -> None:
        made = await agent.call("ask_question", question=f"  {QUESTION} ", change="add-receipts", context={"task": 1.2})
        assert (made["status"], made["answer"], made["by"]) == ("answered", "thirty minutes", "specs")
        assert made["sources"] == [
            {"path": "openspec/specs/auth/spec.md", "line": 9, "quote": "The shop SHALL open the page."}
        ]
        assert await agent.call("get_answer", id=made["id"]) == made

    talk(calls)
    (asked,) = planned.asked
    assert (asked.text, asked.change, dict(asked.context), asked.asker) == (
        QUESTION, "add-receipts", {"task": "1.2"}, "some-agent",
    )  # fmt: skip


def test_a_slow_answer_is_polled_by_an_id_that_cannot_be_guessed(talk: Talk, planned: Planned) -> None:
    """Working, then answered; whoever waits for it gets it as soon as it is there."""
    planned.hold = True

    async def calls(agent: Agent) -> None:
        made = await agent.call("ask_question", question=QUESTION, wait_seconds=0)
        assert (made["status"], made["answer"], "get_answer" in made["next"]) == ("working", None, True)
        assert len(made["id"]) >= 20
        assert (await agent.call("get_answer", id=made["id"]))["status"] == "working"
        got: list[Any] = []
        signs: list[str | None] = []

        async def sign(_done: float, _total: float | None, message: str | None) -> None:
            signs.append(message)

        async def wait() -> None:
            result = await agent.client.call_tool(
                "get_answer", {"id": made["id"], "wait_seconds": 60}, progress_callback=sign
            )
            got.append(result.structured_content)

        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            group.start_soon(wait)
            await anyio.sleep(0.1)
            assert planned.go_on is not None
            planned.go_on.set()
        assert [one["answer"] for one in got] == ["thirty minutes"] * 2
        assert "being answered" in signs

    talk(calls)
    assert len(planned.asked) == 1


def test_a_call_that_is_cancelled_stops_the_work(talk: Talk, planned: Planned) -> None:
    """Nobody would ever read that answer: its id reached nobody."""
    planned.hold = True

    async def calls(agent: Agent) -> None:
        async with anyio.create_task_group() as group:

            async def ask() -> None:
                await agent.call("ask_question", question=QUESTION, wait_seconds=60)

            group.start_soon(ask)
            while not planned.asked:
                await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        while not planned.cancelled:
            await anyio.sleep(0.01)
        assert (await agent.call("list_questions"))["total"] == 0

    talk(calls)


def test_what_is_under_way_ends_with_the_connection(talk: Talk, planned: Planned) -> None:
    """No work goes on for a client that has gone."""
    planned.hold = True

    async def calls(agent: Agent) -> None:
        await agent.call("ask_question", question=QUESTION, wait_seconds=0)
        while not planned.asked:
            await anyio.sleep(0.01)

    talk(calls)
    assert planned.cancelled == 1


@pytest.mark.parametrize("fault", [ServiceError("no host answers", hint="start one"), RuntimeError("secret")])
def test_a_question_that_fails_ends_nothing_else(
    talk: Talk, planned: Planned, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """It says what to do; of a bug no more than that it is one."""
    planned.fail = fault

    async def calls(agent: Agent) -> None:
        made = await agent.call("ask_question", question=QUESTION)
        assert made["status"] == "failed"
        assert ("start one" in made["next"]) == isinstance(fault, ServiceError)
        assert "secret" not in made["next"]
        planned.fail = None
        assert (await agent.call("ask_question", question=QUESTION))["status"] == "answered"

    talk(calls)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask_question", {"question": "   "}, "it is empty"),
        ("ask_question", {"question": "a\0b"}, "U+0000"),
        ("ask_question", {"question": "x" * 8_001}, "8000"),
        ("ask_question", {"question": "x", "context": {"fiel": "a"}}, "did you mean 'file'"),
        ("ask_question", {"question": "x", "context": {"file": "../../etc/passwd"}}, "path from the root"),
        ("ask_question", {"question": "x", "context": {"file": ["a"]}}, "context"),
        ("ask_question", {"question": "x", "change": "no-such"}, "open changes: add-receipts"),
        ("ask_question", {"question": "x", "wait_seconds": 1e9}, "60"),
        ("get_answer", {"id": "t0000"}, "unknown or has expired"),
        ("get_answer", {"id": "q0000"}, "this id is unknown"),
        ("get_answer", {"id": ""}, "id"),
        ("submit_answer", {"id": "q0000", "answer": "x"}, "no question 'q0000'"),
        ("submit_answer", {"id": "t0000", "answer": "x"}, "only questions that wait"),
        ("list_questions", {"limit": 1000}, "50"),
        ("list_questions", {"offset": -1}, "0"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    talk: Talk, planned: Planned, tool: str, arguments: dict[str, Any], said: str
) -> None:
    """As a tool's error, which a model reads."""

    async def calls(agent: Agent) -> None:
        assert said in await agent.refused(tool, **arguments)

    talk(calls)
    assert planned.asked == []


class TestThatWaits:
    """With the real router: what the documents do not say waits in the queue."""

    def test_a_question_and_its_answer_from_the_specs(self, talk: Talk) -> None:
        async def calls(agent: Agent) -> None:
            made = await agent.call("ask_question", question="What does the form say after a wrong password?")
            assert made["status"] == "answered"
            assert any("name or password is wrong" in source["quote"] for source in made["sources"])

        talk(calls, real=True)

    def test_a_question_waits_and_is_answered_by_somebody_else(self, talk: Talk) -> None:
        """Its id is the queue's, so that it outlives the server; the answer says that an agent gave it."""

        async def calls(agent: Agent) -> None:
            made = await agent.call("ask_question", question=NOBODY_KNOWS, context={"goal": "a tidy office"}, agent="A")
            assert made["status"] == "pending"
            listed = await agent.call("list_questions")
            (waiting,) = listed["questions"]
            assert (waiting["id"], waiting["askers"], waiting["status"]) == (made["id"], ["A"], "open")
            got: list[Any] = []

            async def wait() -> None:
                got.append(await agent.call("get_answer", id=made["id"], wait_seconds=60))

            async with anyio.create_task_group() as group:
                group.start_soon(wait)
                await anyio.sleep(0.05)
                source = ["openspec/specs/auth/spec.md:9"]
                await agent.call("submit_answer", id=made["id"], answer="The shop.", sources=source, agent="B")
            assert (got[0]["answer"], got[0]["by"], got[0]["by_agent"], got[0]["unsourced"]) == (
                "The shop.", "B", True, False,
            )  # fmt: skip
            again = await agent.call("ask_question", question=NOBODY_KNOWS, context={"goal": "a tidy office"})
            assert (again["status"], again["answer"]) == ("answered", "The shop.")
            refused = await agent.refused("submit_answer", id=made["id"], answer="Nobody.")
            assert "has another answer, by B" in refused
            assert (await agent.call("list_questions", status="answered"))["total"] == 1

        talk(calls, real=True)

    def test_an_agent_cannot_answer_by_the_beginning_of_an_id(self, talk: Talk) -> None:
        """People type ids; who has to guess must not."""

        async def calls(agent: Agent) -> None:
            made = await agent.call("ask_question", question=NOBODY_KNOWS)
            assert "no question" in await agent.refused("submit_answer", id=made["id"][:8], answer="x")
            assert "unknown" in await agent.refused("get_answer", id=made["id"][:8])

        talk(calls, real=True)

    def test_the_list_comes_in_pages(self, talk: Talk) -> None:
        async def calls(agent: Agent) -> None:
            for number in range(7):
                await agent.call("ask_question", question=f"{NOBODY_KNOWS} {number}", wait_seconds=10)
            first = await agent.call("list_questions", limit=5)
            assert (len(first["questions"]), first["total"], first["next"]) == (5, 7, "2 more: offset=5")
            rest = await agent.call("list_questions", limit=5, offset=5)
            assert (len(rest["questions"]), rest["next"]) == (2, None)

        talk(calls, real=True)


def test_every_call_is_an_event_without_its_text(talk: Talk, planned: Planned, root: Path) -> None:
    """Tool, outcome and time."""

    async def calls(agent: Agent) -> None:
        await agent.call("ask_question", question="Is there a zebra?")
        await agent.refused("get_answer", id="t0000")

    talk(calls)
    text = (root / ".workflow" / "metrics.jsonl").read_text()
    events = [event for line in text.splitlines() if (event := json.loads(line))["kind"] == "mcp.call"]
    assert [(event["tool"], event["outcome"]) for event in events] == [
        ("ask_question", "done"),
        ("get_answer", "refused"),
    ]
    assert "zebra" not in text
