"""`workflow mcp` before a client that others wrote: the command line of the MCP inspector."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.trees import add_change, add_spec

REPOSITORY = Path(__file__).parents[2]
INSPECTOR = REPOSITORY / "tests/integration/node_modules/.bin/mcp-inspector"
Inspect = Callable[..., Any]

pytestmark = pytest.mark.skipif(not INSPECTOR.exists(), reason="the inspector is not installed: `make openspec`")


@pytest.fixture
def inspect(tmp_path: Path) -> Inspect:
    """`inspect(method, *options)` → the result as JSON."""
    root = tmp_path / "project"
    add_spec(root)
    add_change(root)
    home = tmp_path / "home"
    home.mkdir()

    def run(method: str, *options: str) -> Any:
        # A wrapper: the inspector takes options of the server's command for its own.
        server = tmp_path / "server"
        server.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m workflow_cli mcp --root "{root}"\n')
        server.chmod(0o755)
        done = subprocess.run(
            [INSPECTOR, "--cli", server, "--method", method, *options],
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    return run


def test_it_lists_tools_and_resources(inspect: Inspect) -> None:
    """With their forms."""
    tools = inspect("tools/list")["tools"]
    assert len(tools) == 8
    assert all(tool["inputSchema"]["type"] == tool["outputSchema"]["type"] == "object" for tool in tools)
    assert [one["uri"] for one in inspect("resources/list")["resources"]] == [
        "openspec://spec/auth",
        "openspec://change/add-receipts/proposal.md",
    ]
    (spec,) = inspect("resources/read", "--uri", "openspec://spec/auth")["contents"]
    assert spec["text"].startswith("# auth Specification\n")


def test_it_asks_and_drafts(inspect: Inspect) -> None:
    """An answer with its quote, and a draft that waits."""
    question = "question=What opens after a correct password?"
    asked = inspect("tools/call", "--tool-name", "ask_question", "--tool-arg", question)["structuredContent"]
    assert (asked["status"], asked["sources"][0]["path"]) == ("answered", "openspec/specs/auth/spec.md")
    edits = 'edits=[{"op": "check-task", "task": "1.1"}]'
    drafted = inspect(
        "tools/call", "--tool-name", "draft_update", "--tool-arg", "path=add-receipts", "--tool-arg", edits
    )["structuredContent"]
    assert (drafted["status"], drafted["operations"]) == ("waiting", ["check task 1.1"])
