"""Servers that others wrote answer questions through the client: everything, filesystem, git, time."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.mcp_box import approve, box_of
from tests.fakes.tools import ScriptedModel
from workflow_cli.adapters.mcp_client.tool_servers import ToolServers
from workflow_cli.adapters.prompt_files import load_prompt
from workflow_cli.app.answering.ports import Access, Found, Nothing
from workflow_cli.app.answering.tool_conversation import ToolPrompts
from workflow_cli.app.answering.tool_report import Pin, ServerState
from workflow_cli.app.answering.tools_answerer import ByModel, ToolsAnswerer
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.domain.answering.failure import AnswererFailed

pytest.importorskip("mcp")

NODE = Path(__file__).parent / "node_modules" / ".bin"
PYTHON = Path(sys.executable).parent
COMMANDS = {
    "everything": NODE / "mcp-server-everything",
    "filesystem": NODE / "mcp-server-filesystem",
    "git": PYTHON / "mcp-server-git",
    "time": PYTHON / "mcp-server-time",
}


def needs(name: str) -> Any:
    return pytest.mark.skipif(
        not COMMANDS[name].exists() or (COMMANDS[name].parent == NODE and not shutil.which("node")),
        reason=f"the MCP server {name} is not installed: run `make setup`",
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A git repository with one commit."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "export.md").write_text("The export runs every night at 02:00.\n")
    git = ["git", "-C", str(root), "-c", "user.name=Jo", "-c", "user.email=jo@example.org"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Say when the export runs"], check=True)
    return root


def entries(shop: Path, *names: str) -> dict[str, Any]:
    arguments = {"filesystem": [str(shop)], "git": ["--repository", str(shop)], "time": ["--local-timezone", "UTC"]}
    # Several at once on a busy machine take their time to start.
    return {name: {"command": str(COMMANDS[name]), "args": arguments.get(name, [])} for name in names}


def in_box(root: Path, servers: dict[str, Any], do: Callable[[ToolServers], Awaitable[Any]], **limits: Any) -> Any:
    async def run() -> Any:
        async with box_of(root, servers, connect_timeout=120.0, timeout=60.0, **limits) as box:
            return await do(box)

    return asyncio.run(run())


def answered(root: Path, servers: dict[str, Any], question: str, *replies: Any) -> Found | Nothing:
    async def ask(box: ToolServers) -> Found | Nothing:
        prompts = ToolPrompts(
            choice=load_prompt("tool-choice"),
            arguments=load_prompt("tool-arguments"),
            answer=load_prompt("tool-answer"),
        )
        by_model = ByModel(ScriptedModel(*replies), prompts, lambda: "fence0fence") if replies else None
        answerer = ToolsAnswerer(box, by_model=by_model, max_tools=8, max_calls=4)
        return await answerer.answer(Asked(text=question, kind=QuestionKind.TOOL), ())

    found = in_box(root, servers, ask)
    assert isinstance(found, (Found, Nothing))
    return found


@needs("time")
def test_time_answers_without_a_model(tmp_path: Path, shop: Path) -> None:
    found = answered(tmp_path, entries(shop, "time"), "What time is it in Europe/Paris?")
    assert isinstance(found, Found)
    assert found.text.startswith("time.get_current_time says:\n")
    told = json.loads(found.text.partition("\n")[2])
    assert told["timezone"] == "Europe/Paris"
    wrong = answered(tmp_path, entries(shop, "time"), "What time is it in Europe/Nowhere?")
    assert isinstance(wrong, Nothing)


@needs("git")
def test_git_answers_without_a_model(tmp_path: Path, shop: Path) -> None:
    """What a commit did is nothing that a document of the tree says."""
    found = answered(tmp_path, entries(shop, "git"), f"What does the git log of {shop} hold?")
    assert isinstance(found, Found)
    assert "Say when the export runs" in found.text


ASKED = {
    "What is the git status?": ("repository.git_status", "On branch main"),
    "What does the git log say?": ("repository.git_log", "Say when the export runs"),
    "Which local git branches are there?": ("repository.git_branch", "main"),
    "git show HEAD": ("repository.git_show", "The export runs every night"),
    "Show me the directory listing": ("files.list_directory", "[FILE] export.md"),
    "What is in the file export.md?": ("files.read_file", "every night at 02:00"),
    'Echo "hello, world"': ("all.echo", "Echo: hello, world"),
    "What is the sum, a=2 b=3?": ("all.get-sum", "5"),
    "Get the structured content of Chicago": ("all.get-structured-content", "temperature"),
    "What time is it in Europe/Paris?": ("clock.get_current_time", "Europe/Paris"),
}


@needs("git")
@needs("filesystem")
@needs("everything")
@needs("time")
def test_the_command_answers_from_them_without_a_model(shop: Path) -> None:
    """`workflow ask` in the directory that the questions mean; where no document knows, the tool is called."""
    (shop / "openspec" / "specs").mkdir(parents=True)
    of = {"files": "filesystem", "repository": "git", "all": "everything", "clock": "time"}
    servers = entries(shop, *of.values())
    settings = {
        "mcp": {"servers": {name: servers[kind] for name, kind in of.items()}, "connect_timeout": 120, "timeout": 60},
        "answers": {"deadline": 300, "budgets": {"tools": 300}},
    }
    (shop / "workflow.yaml").write_text(json.dumps(settings))
    done = subprocess.run(
        [PYTHON / "workflow", "ask", "--batch", "-", "--format", "json"],
        input="\n".join(ASKED),
        cwd=shop,
        env={**os.environ, "WORKFLOW_MCP__TRUST": "configured", "LM_STUDIO_BASE_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    answers = {one["question"]["text"]: one["answer"] for one in json.loads(done.stdout)["answers"]}
    assert answers.keys() == ASKED.keys()
    for question, (tool, says) in ASKED.items():
        answer = answers[question]
        assert (answer["status"], answer["answerer"], answer["unsourced"]) == ("answered", "tools", True)
        assert answer["text"].startswith(f"{tool} says"), answer["text"]
        assert says in answer["text"]


@needs("filesystem")
def test_filesystem_answers_by_a_model_with_a_quote(tmp_path: Path, shop: Path) -> None:
    claim = {"result": 1, "quote": "runs every night at 02:00", "text": "At 02:00, every night."}
    found = answered(
        tmp_path,
        entries(shop, "filesystem"),
        "When does the export run?",
        {"choice": "filesystem.search_files"},
        {"path": str(shop), "pattern": "*.md"},
        {"choice": "filesystem.read_text_file"},
        {"path": str(shop / "export.md")},
        {"choice": "answer"},
        {"in_results": True, "claims": [{**claim, "result": 2}]},
    )
    assert isinstance(found, Found)
    assert found.text == 'At 02:00, every night. (filesystem.read_text_file: "runs every night at 02:00")'
    assert found.unsourced


@needs("filesystem")
def test_filesystem_writes_nothing_and_does_not_leave_its_directory(tmp_path: Path, shop: Path) -> None:
    async def look(box: ToolServers) -> None:
        tools = {tool.name: tool for tool in await box.tools()}
        assert {"write_file", "edit_file", "move_file", "create_directory"}.isdisjoint(tools)
        assert all(tool.access is Access.READ for tool in tools.values())
        outside = await box.call(tools["read_text_file"], {"path": "/etc/passwd"})
        assert outside.is_error
        wrong = await box.call(tools["read_text_file"], {"nonsense": 1})
        assert wrong.is_error

    in_box(tmp_path, entries(shop, "filesystem"), look)


@needs("filesystem")
def test_filesystem_writes_where_the_configuration_says_so_and_no_answerer_does(tmp_path: Path, shop: Path) -> None:
    """The box can be allowed to write; answering never does."""
    servers = entries(shop, "filesystem")
    servers["filesystem"] |= {"access": ["read", "write"], "tools": {"*": None, "write_file": "write"}}

    async def look(box: ToolServers) -> None:
        tools = {tool.name: tool for tool in await box.tools()}
        assert tools["write_file"].access is Access.WRITE
        assert "edit_file" not in tools
        done = await box.call(tools["write_file"], {"path": str(shop / "new.md"), "content": "x"})
        assert not done.is_error

    in_box(tmp_path, servers, look)
    assert (shop / "new.md").read_text() == "x"
    found = answered(tmp_path, servers, f"Write the file {shop}/other.md", {"choice": "none"})
    assert isinstance(found, Nothing)


@needs("everything")
def test_everything_in_all_its_forms(tmp_path: Path, shop: Path) -> None:
    """Structured content, links, images and errors become text; a long call is given up in time."""

    async def look(box: ToolServers) -> None:
        tools = {tool.name: tool for tool in await box.tools()}
        texts = {}
        for name, arguments in {
            "echo": {"message": "hello"},
            "get-sum": {"a": 2, "b": 3},
            "get-structured-content": {"location": "Chicago"},
            "get-tiny-image": {},
            "get-resource-links": {"count": 2},
            "get-annotated-message": {"messageType": "error"},
        }.items():
            result = await box.call(tools[name], arguments)
            assert not result.is_error, result
            texts[name] = result.text
        assert "hello" in texts["echo"]
        assert "5" in texts["get-sum"]
        assert "temperature" in texts["get-structured-content"]
        assert "[image, not shown]" in texts["get-tiny-image"]
        assert "[a link to " in texts["get-resource-links"]
        assert (await box.call(tools["get-sum"], {"a": "two"})).is_error
        results = await asyncio.gather(*(box.call(tools["echo"], {"message": str(n)}) for n in range(30)))
        assert [result.text for result in results] == [f"Echo: {n}" for n in range(30)]

    in_box(tmp_path, entries(shop, "everything"), look)

    async def slow(box: ToolServers) -> None:
        tool = next(t for t in await box.tools() if t.name == "trigger-long-running-operation")
        with pytest.raises(AnswererFailed, match="took longer than"):
            await box.call(tool, {"duration": 60, "steps": 5})

    servers = entries(shop, "everything")
    servers["everything"]["timeout"] = 0.5
    in_box(tmp_path, servers, slow)


@contextmanager
def everything_over_http() -> Iterator[str]:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(
        [str(COMMANDS["everything"]), "streamableHttp"],
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        while True:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


@needs("everything")
def test_everything_over_http(tmp_path: Path) -> None:
    """A session on HTTP, with progress on the way."""
    with everything_over_http() as url:

        async def look(box: ToolServers) -> None:
            tools = {tool.name: tool for tool in await box.tools()}
            assert (await box.call(tools["echo"], {"message": "hello"})).text == "Echo: hello"
            slow = await box.call(tools["trigger-long-running-operation"], {"duration": 1, "steps": 2})
            assert "completed" in slow.text

        in_box(tmp_path, {"everything": {"url": url}}, look)


@needs("time")
@needs("git")
@needs("filesystem")
@needs("everything")
def test_all_of_them_approved_and_at_once(tmp_path: Path, shop: Path) -> None:
    """What was approved is the same when they are started again."""
    servers = entries(shop, *COMMANDS)
    asyncio.run(approve(tmp_path, servers))

    async def look(box: ToolServers) -> None:
        reports = await box.reports()
        assert [report.state for report in reports] == [ServerState.UP] * 4
        assert {tool.pin for report in reports for tool in report.tools} == {Pin.APPROVED}
        assert len(await box.tools()) > 20

    in_box(tmp_path, servers, look, trusting=False)
