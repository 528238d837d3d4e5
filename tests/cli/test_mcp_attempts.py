"""`mcp.attempts`: a tool that only reads is called once more where its server failed in passing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import add_auth, events_of
from tests.cli.conftest import Run
from tests.cli.test_loop_levers import asked as asked_all
from tests.cli.test_loop_levers import by_arm, stage
from tests.cli.test_mcp import fake
from tests.e2e.loop_log import hanging_tool, question, step, write_log
from tests.fakes.mcp_box import served

pytest.importorskip("mcp")
QUESTION = 'lookup word "hello"'


def ready(workflow: Run, tree: Path, server: dict[str, Any], **settings: Any) -> None:
    more = {"servers": {"d": server}, **settings}
    answers = {"order": ["tools"], "breaker_failures": 1000, "attempts": 1, "budgets": {"tools": 60}, "deadline": 90}
    add_auth(tree, json.dumps({"network": {"loopback_only": True}, "answers": answers, "mcp": more}))
    assert workflow("mcp", "approve", "d", "--yes").returncode == 0


def ask(workflow: Run) -> str:
    """The text of the answer; empty where there is none."""
    done = workflow("ask", QUESTION, "--no-queue", "--format", "json")
    answer = json.loads(done.stdout).get("answer")
    return str(answer["text"]) if answer and answer["status"] == "answered" else ""


def outcomes(tree: Path) -> list[str]:
    return [event["outcome"] for event in events_of(tree, "mcp.call")]


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_busy_server_is_asked_as_often_as_the_setting_says(workflow: Run, tree: Path, attempts: int) -> None:
    """Each call is an event of its own."""
    with served("busy by turns", port_file=tree / "port"):
        url = f"http://127.0.0.1:{(tree / 'port').read_text()}/mcp"
        ready(workflow, tree, {"url": url}, attempts=attempts)
        answer = ask(workflow)
    if attempts == 1:
        assert outcomes(tree) == ["overloaded"]
        assert answer == ""
    else:
        assert outcomes(tree) == ["overloaded", "answered"]
        assert "means a friendly greeting." in answer


def test_a_server_that_died_is_asked_again_when_it_is_back(workflow: Run, tree: Path) -> None:
    ready(workflow, tree, fake("crash once", env={"MCP_FAKE_STATE": str(tree / "state")}), attempts=4)
    answer = ask(workflow)
    assert outcomes(tree) == ["unreachable", "answered"]
    assert "means a friendly greeting." in answer


@pytest.mark.parametrize(("mode", "outcome"), [("liar", "bad_reply"), ("refuses", "error")])
def test_what_would_fail_again_is_called_once(workflow: Run, tree: Path, mode: str, outcome: str) -> None:
    ready(workflow, tree, fake(mode), attempts=4)
    assert ask(workflow) == ""
    assert outcomes(tree) == [outcome]


def test_a_server_that_stays_busy_is_given_up(workflow: Run, tree: Path) -> None:
    with served("status 503", port_file=tree / "port"):
        ready(workflow, tree, {"url": f"http://127.0.0.1:{(tree / 'port').read_text()}/mcp"}, attempts=3)
        assert ask(workflow) == ""
    assert outcomes(tree) == ["overloaded"] * 3


def test_the_treatment_alone_calls_a_tool_again(workflow: Run, tree: Path) -> None:
    """The arms of an experiment share the servers, and not how often they are called."""
    with served("status 503", port_file=tree / "port"):
        ready(workflow, tree, {"url": f"http://127.0.0.1:{(tree / 'port').read_text()}/mcp"}, attempts=1)
        stage(tree, {"mcp.retries": 1})
        questions = [f'lookup word "hello{number}"' for number in range(12)]
        arms = by_arm([e for e in asked_all(workflow, tree, questions) if e["kind"] == "question"])
    assert len(outcomes(tree)) == len(arms["base"]) + 2 * len(arms["treatment"])


def away(count: int, *, end: datetime, every: float = 20.0) -> list[dict[str, Any]]:
    """Questions that only a tool can answer, whose server is busy every third time."""
    found = []
    for number in range(count):
        at = end - timedelta(seconds=every * (count - number))
        busy = number % 3 == 0
        went = step("tools", "failed", 5.0, "overloaded") if busy else step("tools", "answered", 40.0)
        found.append(question(number, at, route=[went], status="failed" if busy else "answered"))
    return found


def explained(workflow: Run) -> dict[tuple[str, str], str]:
    done = workflow("loop", "--dry-run", "--explain", "--lever", "retries", "--format", "json")
    return {(one["lever"], one["scope"]): one["reason"] for one in json.loads(done.stdout)["deferred"]}


def test_the_loop_tries_one_call_more(workflow: Run, tree: Path) -> None:
    """Without a model: by how calls fared that came soon after one that failed; it has to show online."""
    add_auth(tree, "network: {offline: true}\nmcp: {attempts: 1}\n")
    write_log(tree, away(90, end=datetime.now(UTC)))
    done = workflow("loop", "--lever", "retries")
    assert done.stdout.startswith("registered: retries"), done.stdout + done.stderr
    status = json.loads(workflow("loop", "status", "--format", "json").stdout)
    experiment = status["experiment"]
    assert (experiment["from"], experiment["to"]) == ({"mcp.retries": 0}, {"mcp.retries": 1})
    assert (experiment["design"], experiment["class"]) == ("interleaved", "A")
    low, high = experiment["predicted"]
    assert 0.02 < low < high < 0.24
    assert "attempts: 1" in (tree / "workflow.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("attempts", "every", "reason"),
    [
        (4, 20.0, "out_of_bounds: mcp.retries"),
        (1, 600.0, "insufficient_pairs: 0/8"),
    ],
)
def test_when_no_call_more_is_tried(workflow: Run, tree: Path, attempts: int, every: float, reason: str) -> None:
    add_auth(tree, f"network: {{offline: true}}\nmcp: {{attempts: {attempts}}}\n")
    write_log(tree, away(60, end=datetime.now(UTC), every=every))
    assert explained(workflow)["retries", "mcp.retries"] == reason
    shown = workflow("loop", "--dry-run", "--explain", "--lever", "retries").stdout
    assert f"  retries (mcp.attempts): {reason.replace('mcp.retries', 'mcp.attempts')}\n" in shown


def test_tools_that_hang_or_answer_are_not_called_more_often(workflow: Run, tree: Path) -> None:
    add_auth(tree, "network: {offline: true}\n")
    write_log(tree, hanging_tool(60, end=datetime.now(UTC)))
    assert explained(workflow)["retries", "mcp.retries"] == "no_headroom: 0/60"
