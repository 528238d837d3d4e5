"""Calls with arguments that a tool does not take, and of tools that are not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.mcp_server.conftest import Agent, Planned
from workflow_cli.mcp_server.server import tools

Talk = Callable[..., Any]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        (
            "ask_question",
            {"question": "x", "chnage": "add-receipts"},
            "there is no argument 'chnage', nearest is change",
        ),
        ("ask_question", {"question": "x", "zzz": 1}, "there is no argument 'zzz'\n"),
        ("ask_question", {}, "question is missing\nnext: call it again; it needs question and takes kind, change"),
        ("ask_question", {"question": "x", "wait_seconds": 1e9}, "wait_seconds must be less than or equal to 60"),
        ("ask_question", {"question": ""}, "question must have at least 1 character"),
        ("ask_question", {"question": "x", "kind": "what"}, "kind must be 'lookup', 'howto', 'code' or 'tool'"),
        (
            "ask_question",
            {"question": "x", "wait_second": 1, "agnet": "me"},
            "nearest is wait_seconds; there is no argument 'agnet'",
        ),
        ("get_answer", {"id": 7}, "id must be a valid string"),
        ("list_questions", {"status": None}, "status must be 'open', 'answered' or 'all'"),
        ("list_questions", {f"a{n}": n for n in range(30)}, "and 20 more"),
        ("list_questions", {"x\x1b[2J" * 200: 1}, "there is no argument"),
        (
            "ask_qestion",
            {},
            "there is no tool 'ask_qestion', nearest is ask_question\nnext: the tools are ask_question, get",
        ),
        ("draft_update", {"edits": [1]}, "edits.0 must be a valid dictionary"),
    ],
)
def test_one_error_says_what_where_and_what_to_do(
    talk: Talk, planned: Planned, tool: str, arguments: dict[str, Any], said: str
) -> None:
    """All faults at once, none of the library's own words about itself, and nothing is asked or done."""

    async def calls(agent: Agent) -> None:
        refused = await agent.refused(tool, **arguments)
        assert said in refused
        assert "\nnext: " in refused
        assert len(refused) < 5_000
        for foreign in ("pydantic", "validation error", "Error executing", "errors.", "type=", "\x1b"):
            assert foreign not in refused

    talk(calls)
    assert planned.asked == []


def test_other_errors_have_the_same_form(talk: Talk) -> None:
    async def calls(agent: Agent) -> None:
        refused = await agent.refused("submit_answer", id="t0000", answer="x")
        assert refused.startswith("only questions that wait can be answered\nnext: ")

    talk(calls)


def test_next_steps_are_an_agents_own(talk: Talk) -> None:
    """An agent has arguments: an option of the command line, or a command, is nothing it could try next."""

    async def calls(agent: Agent) -> None:
        refused = await agent.refused("propose_change", title="Send invoices", because="a\0b")
        assert refused.endswith("\nwhere: because")
        refused = await agent.refused("process_change", names=["zzz"])
        assert refused.endswith("\nnext: `all` takes every spec and change")

    talk(calls)


def test_a_refused_call_is_an_event(talk: Talk, root: Path) -> None:
    async def calls(agent: Agent) -> None:
        await agent.refused("ask_question", question="x", nothing=1)

    talk(calls)
    assert '"outcome":"refused"' in (root / ".workflow" / "metrics.jsonl").read_text().replace(" ", "")


def test_clients_are_told_that_no_other_argument_is_taken() -> None:
    assert {tool.input_schema["additionalProperties"] for tool in tools()} == {False}
