"""An agent asks, drafts and waits through `workflow mcp`, while a person answers and approves on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from tests.cli.trees import add_change, add_spec

Run = Callable[..., subprocess.CompletedProcess[str]]
MARA = ("--as", "Mara <mara@example.org>")
QUESTION = "Does the finance department want receipts on paper?"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_whole_way(workflow: Run, tree: Path, environment: dict[str, str], mode: Any) -> None:
    """The question outlives the server that asked it; the answer reaches whoever waits; what was approved is written."""
    add_spec(tree)
    tasks = add_change(tree) / "tasks.md"
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "workflow_cli", "mcp", "--root", str(tree)], env=environment
    )

    async def person(*arguments: str) -> subprocess.CompletedProcess[str]:
        return await anyio.to_thread.run_sync(partial(workflow, *arguments))

    async def main() -> None:
        async with Client(stdio_client(parameters), mode=mode) as client:
            asked: Any = (
                await client.call_tool("ask_question", {"question": QUESTION, "agent": "Robby"})
            ).structured_content
            assert asked["status"] == "pending"
            draft: Any = (
                await client.call_tool(
                    "draft_update",
                    {
                        "path": "add-receipts",
                        "edits": [
                            {"op": "check-task", "task": "1.1"},
                            {"op": "add-task", "text": "Ask the finance department"},
                        ],
                        "because": "receipts are sent",
                        "agent": "Robby",
                    },
                )
            ).structured_content

        listed = await person("questions", "list")
        assert f"{asked['id']}  open  " in listed.stdout
        assert f"Robby: {QUESTION}" in listed.stdout
        assert "the model Robby (written by a model): check task 1.1" in (await person("review", "list")).stdout
        before = tasks.read_bytes()
        own = await person("review", "approve", draft["draft"], "--because", "mine", "--as", "Robby")
        assert (own.returncode, tasks.read_bytes()) == (2, before)

        async with Client(stdio_client(parameters), mode=mode) as client:
            got: list[Any] = []

            async def wait() -> None:
                result = await client.call_tool("get_answer", {"id": asked["id"], "wait_seconds": 120})
                got.append(result.structured_content)

            async with anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(wait)
                answered = await person("questions", "answer", asked["id"], "No, by mail.", *MARA)
                assert answered.returncode == 0, answered.stderr
            assert [(one["answer"], one["by"], one["by_agent"], one["unsourced"]) for one in got] == [
                ("No, by mail.", "Mara <mara@example.org>", False, True)
            ] * 3
            again: Any = (await client.call_tool("ask_question", {"question": QUESTION})).structured_content
            assert (again["status"], again["answer"]) == ("answered", "No, by mail.")

            approved = await person("review", "approve", draft["draft"], "--because", "read it", *MARA)
            assert approved.returncode == 0, approved.stderr
            read: Any = (await client.call_tool("read_document", {"path": "add-receipts/tasks.md"})).structured_content
            assert "- [x] 1.1 Send a receipt" in read["text"]
            assert "1.2 Ask the finance department" in read["text"]

    anyio.run(main)
    shown = json.loads(workflow("history", "list", "--format", "json").stdout)["revisions"][0]
    assert (shown["author"], shown["approval"]["by"]) == ({"kind": "model", "name": "Robby"}, MARA[1])
    asked_on_the_command_line = workflow("ask", QUESTION)
    assert asked_on_the_command_line.returncode == 0
    assert "No, by mail." in asked_on_the_command_line.stdout


def test_what_an_agent_answered_is_told_as_an_agents(workflow: Run, tree: Path, environment: dict[str, str]) -> None:
    add_spec(tree)
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "workflow_cli", "mcp", "--root", str(tree)], env=environment
    )

    async def main() -> None:
        async with Client(stdio_client(parameters)) as client:
            asked: Any = (await client.call_tool("ask_question", {"question": QUESTION})).structured_content
            said = {"id": asked["id"], "answer": "By mail.", "agent": "Robby"}
            assert not (await client.call_tool("submit_answer", said)).is_error

    anyio.run(main)
    assert "  agent Robby, confidence 0.50, unsourced" in workflow("ask", QUESTION).stdout
    answer = json.loads(workflow("ask", QUESTION, "--format", "json").stdout)["answer"]
    assert (answer["answerer"], answer["by"], answer["by_agent"]) == ("person", "Robby", True)
