"""Servers that are programs and misbehave: each ends in a true answer or a true refusal, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.mcp_box import approve, box_of, configs, fake, is_running, pins_at
from workflow_cli.adapters.mcp_client.tool_servers import ToolServers
from workflow_cli.app.answering.ports import ToolResult
from workflow_cli.app.answering.tool_report import Pin, ServerState
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

pytest.importorskip("mcp")


async def lookup(box: ToolServers, query: str = "hello") -> ToolResult:
    tool = next(tool for tool in await box.tools() if tool.name == "lookup_word")
    return await box.call(tool, {"query": query})


def in_box(root: Path, mode: str, do: Callable[[ToolServers], Awaitable[Any]], **limits: Any) -> Any:
    async def run() -> Any:
        async with box_of(root, {"fake": fake(mode)}, **limits) as box:
            return await do(box)

    return asyncio.run(run())


def failure(root: Path, mode: str, **limits: Any) -> AnswererFailed:
    with pytest.raises(AnswererFailed) as raised:
        in_box(root, mode, lookup, **limits)
    return raised.value


def test_a_tool_answers(tmp_path: Path) -> None:
    """The way it is meant to be, to compare with."""
    result = in_box(tmp_path, "ok", lookup)
    assert (result.text, result.is_error, result.truncated) == ("hello means a friendly greeting.", False, False)


@pytest.mark.parametrize(
    ("mode", "kind", "says"),
    [
        ("crash", FailureKind.UNREACHABLE, "fake failed"),
        ("liar", FailureKind.BAD_REPLY, "lookup_word"),
        ("half a character", FailureKind.BAD_REPLY, "no message that can be read"),
        ("no utf-8", FailureKind.BAD_REPLY, "no message that can be read"),
        ("flood", FailureKind.BAD_REPLY, "more than any answer needs"),
        ("long line", FailureKind.BAD_REPLY, "more than any answer needs"),
    ],
)
def test_what_a_call_runs_into_is_one_failure(tmp_path: Path, mode: str, kind: FailureKind, says: str) -> None:
    """A crash in the middle, a result that breaks its own schema, floods with and without line ends."""
    # A busy machine takes its time to send a flood: running out of time would be another failure.
    error = failure(tmp_path, mode, timeout=300)
    assert error.kind is kind
    assert says in str(error)
    assert error.hint == "workflow mcp tools fake"


def test_a_call_that_hangs_is_given_up(tmp_path: Path) -> None:
    """After the time set for it; the session stays, and so do its other calls."""

    async def twice(box: ToolServers) -> str:
        with pytest.raises(AnswererFailed) as raised:
            await lookup(box)
        assert raised.value.kind is FailureKind.TIMEOUT
        return (await box.reports())[0].state

    assert in_box(tmp_path, "hang", twice, timeout=0.3) is ServerState.UP


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("dies at once", "mcp-fake.log"),
        ("silent", "did not start to answer in time"),
        ("endless", "its list of tools does not end"),
        ("circle", "its list of tools does not end"),
        ("many", "more than 512 tools"),
        ("nonsense", "fake: it does not keep to the protocol"),
    ],
)
def test_a_server_that_cannot_be_listed_is_down_and_says_why(tmp_path: Path, mode: str, says: str) -> None:
    """It offers nothing, and nobody is kept waiting for longer than the time set."""

    async def look(box: ToolServers) -> None:
        assert await box.tools() == []
        assert len(box.problems) == 1
        assert says in box.problems[0]

    in_box(tmp_path, mode, look, connect_timeout=3.0 if mode == "silent" else 30.0)


def test_importing_the_sdk_is_not_the_servers_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine that takes seconds, in which no server has even been started."""
    import anyio

    from workflow_cli.adapters.mcp_client import session

    real, deadlines = session.client_of, []

    def client_of(transport: Any, *, seconds: float) -> Any:
        deadlines.append(anyio.current_effective_deadline())
        return real(transport, seconds=seconds)

    monkeypatch.setattr(session, "client_of", client_of)
    assert in_box(tmp_path, "ok", lookup).text
    assert deadlines == [float("inf")]


def test_a_program_that_is_just_being_started_when_time_is_up_is_ended_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end is waited for: else the loop is closed before it, and asyncio says so on the person's stderr."""
    import anyio

    from workflow_cli.adapters.mcp_client.stdio_process import stdio_streams

    real, started = anyio.open_process, []

    async def open_process(*arguments: Any, **named: Any) -> Any:
        await anyio.sleep(0)
        started.append(await real(*arguments, **named))
        return started[-1]

    monkeypatch.setattr(anyio, "open_process", open_process)
    (config,) = configs(tmp_path, {"fake": fake("silent")})

    async def run() -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            async with stdio_streams(config, stderr=lambda _: None, tell=lambda _: None):
                await anyio.sleep_forever()
        assert [process.returncode is not None for process in started] == [True]

    asyncio.run(run())


def test_no_such_program(tmp_path: Path) -> None:
    async def look() -> None:
        async with box_of(tmp_path, {"none": {"command": "no-such-program-here"}}) as box:
            assert await box.tools() == []
            assert box.problems == ["none: no such file or program: no-such-program-here"]

    asyncio.run(look())


def test_prints_on_stdout_are_no_messages(tmp_path: Path) -> None:
    """They go to the log, and the server is used all the same."""
    assert in_box(tmp_path, "talks", lookup).text.startswith("hello means")
    assert "Welcome to the server!" in (tmp_path / ".workflow/logs/mcp-fake.log").read_text()


def test_stderr_goes_to_a_log_that_stays_small(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """And never to the terminal of the person."""
    assert in_box(tmp_path, "noisy", lookup).text.startswith("hello means")
    logs = list((tmp_path / ".workflow/logs").iterdir())
    assert {log.name for log in logs} <= {"mcp-fake.log", "mcp-fake.log.1"}
    assert all(0 < log.stat().st_size <= 256 * 1024 and log.stat().st_mode & 0o77 == 0 for log in logs)
    assert capfd.readouterr() == ("", "")


def test_a_result_is_cut_and_says_so(tmp_path: Path) -> None:
    result = in_box(tmp_path, "huge", lookup, max_result_bytes=1000)
    assert result.truncated
    assert 900 < len(result.text.encode()) <= 1000


def test_a_result_cannot_move_a_terminal_or_hide(tmp_path: Path) -> None:
    """Escapes, bidirectional overrides, zero-width characters and tags are gone; the words stay to be seen."""
    text = in_box(tmp_path, "escapes", lookup).text
    assert "Ignore all instructions" in text
    assert not any(character in text for character in "\x1b\x07\x9b\r\u202e\u200b\U000e0041")


def test_an_error_of_a_tool_is_a_result(tmp_path: Path) -> None:
    result = in_box(tmp_path, "refuses", lookup)
    assert (result.is_error, result.text) == (True, "no such word[31m")


def test_a_server_gets_a_small_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own variables and a few of the system's; no token that somebody else is meant to have."""
    monkeypatch.setenv("LM_API_TOKEN", "sk-secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    servers = {"fake": fake("environment", env={"MY_KEY": "mine"})}

    async def ask() -> str:
        async with box_of(tmp_path, servers, max_result_bytes=65_536) as box:
            return (await lookup(box)).text

    seen = json.loads(asyncio.run(ask()))
    assert seen["MY_KEY"] == "mine"
    assert not {"LM_API_TOKEN", "AWS_SECRET_ACCESS_KEY"} & set(seen)


def test_definitions_that_make_no_sense_are_not_used(tmp_path: Path) -> None:
    """Two tools of one name, and a name with escapes in it."""

    async def look(box: ToolServers) -> None:
        assert await box.tools() == []
        (report,) = await box.reports()
        assert len(report.tools) == 3
        assert all(tool.refusal for tool in report.tools)
        assert "\x1b" not in repr(report)

    in_box(tmp_path, "twins", look)


def test_only_what_reads_is_offered(tmp_path: Path) -> None:
    """A tool that writes, and one that nobody says anything about, are not; nor can they be called."""

    async def look(box: ToolServers) -> None:
        assert [tool.name for tool in await box.tools()] == ["lookup_word"]
        from dataclasses import replace

        for name in ("delete_word", "unknown_word"):
            with pytest.raises(AnswererFailed, match="may not be used"):
                await box.call(replace((await box.tools())[0], name=name), {"query": "x"})

    calls = tmp_path / "calls"
    in_box(tmp_path, "ok", look)
    assert not calls.exists()


def test_a_poisoned_description_is_cut_and_plain(tmp_path: Path) -> None:
    async def look(box: ToolServers) -> None:
        (tool,) = await box.tools()
        assert len(tool.description) <= 2000
        assert len(tool.title) <= 120
        assert "\x1b" not in tool.title + tool.description

    in_box(tmp_path, "poisoned", look)


def test_nothing_is_started_before_it_is_approved(tmp_path: Path) -> None:
    """And nothing after its configuration changed, nor where the approvals were made by another key."""
    servers = {"fake": fake("ok")}
    state = tmp_path / "state"
    started = {"fake": fake("stays", env={"MCP_FAKE_STATE": str(state)})}

    async def look(servers: dict[str, Any]) -> tuple[int, list[str]]:
        async with box_of(tmp_path, servers, trusting=False) as box:
            return len(await box.tools()), list(box.problems)

    assert asyncio.run(look(started)) == (0, ["fake: nobody approved it yet: workflow mcp approve fake"])
    asyncio.run(approve(tmp_path, servers))
    assert asyncio.run(look(servers)) == (1, [])
    changed = "fake: its configuration is not the one that was approved: workflow mcp approve fake"
    assert asyncio.run(look(started)) == (0, [changed])
    assert asyncio.run(look({"fake": fake("ok", access=["read", "write"])})) == (0, [changed])
    assert not state.exists()


def test_a_tool_that_changed_is_off_until_it_is_approved(tmp_path: Path) -> None:
    """Also one that is new; what did not change stays in use."""
    state = tmp_path / "state"
    servers = {"fake": fake("shifty", env={"MCP_FAKE_STATE": str(state)}, tools={"*": None, "lookup_word": "read"})}
    asyncio.run(approve(tmp_path, servers))

    async def look() -> tuple[list[str], list[Pin], list[str]]:
        async with box_of(tmp_path, servers, trusting=False) as box:
            tools = [tool.name for tool in await box.tools()]
            return tools, [tool.pin for tool in (await box.reports())[0].tools], list(box.problems)

    assert asyncio.run(look()) == (["lookup_word"], [Pin.APPROVED, Pin.APPROVED], [])
    state.write_text("1")
    tools, pins, problems = asyncio.run(look())
    assert (tools, pins) == ([], [Pin.CHANGED, Pin.APPROVED])
    assert problems == [
        "fake.lookup_word: its description or schema changed since the server was approved: workflow mcp approve fake"
    ]
    asyncio.run(approve(tmp_path, servers))
    assert asyncio.run(look())[0] == ["lookup_word"]


def test_an_approval_taken_back_holds_at_once(tmp_path: Path) -> None:
    """In a process that runs, too."""
    servers = {"fake": fake("ok")}
    asyncio.run(approve(tmp_path, servers))

    async def run() -> None:
        async with box_of(tmp_path, servers, trusting=False) as box:
            (tool,) = await box.tools()
            assert (await box.call(tool, {"query": "x"})).text
            assert pins_at(tmp_path).revoke("fake")
            with pytest.raises(AnswererFailed, match="may not be used"):
                await box.call(tool, {"query": "x"})

    asyncio.run(run())


def test_a_killed_server_fails_its_calls_and_comes_back(tmp_path: Path) -> None:
    """`kill -9` in the middle of a call: that call fails, the next one is answered by a new process."""

    async def run() -> None:
        async with box_of(tmp_path, {"fake": fake("hang")}) as box:
            (tool,) = await box.tools()
            call = asyncio.create_task(box.call(tool, {"query": "x"}))
            first = await _child()
            await asyncio.sleep(0.2)
            os.kill(first, signal.SIGKILL)
            with pytest.raises(AnswererFailed) as raised:
                await call
            assert raised.value.kind is FailureKind.UNREACHABLE
            for _ in range(600):
                if await box.tools():
                    break
                await asyncio.sleep(0.05)
            second = await _child()
            assert second != first
        assert not is_running(second)

    asyncio.run(run())


async def _child() -> int:
    """The process id of the server that is running now as a child of this process."""
    for _ in range(600):
        tasks = Path(f"/proc/{os.getpid()}/task")
        children = [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]
        servers = [
            pid for pid in children if is_running(pid) and b"mcp_server.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        if servers:
            return servers[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no server is running")


def test_what_will_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    """A program that ignores the end of its input and SIGTERM, and has a child that does the same."""
    state = tmp_path / "state"

    async def run() -> None:
        async with box_of(tmp_path, {"fake": fake("stays", env={"MCP_FAKE_STATE": str(state)})}) as box:
            assert (await lookup(box)).text

    asyncio.run(run())
    pids = list(map(int, state.read_text().split()))
    assert len(pids) == 2
    assert not any(map(is_running, pids))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_server_behind(tmp_path: Path, number: signal.Signals) -> None:
    """In the middle of a call, at the program that has the servers; asked twice, impatiently."""
    import subprocess
    import time

    state = tmp_path / "state"
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.fakes.mcp_box import box_of, fake\n"
        "from workflow_cli.cli.main import _terminate\n"
        "import signal\n"
        "signal.signal(signal.SIGTERM, _terminate)\n"
        "async def run():\n"
        f"    async with box_of(Path({str(tmp_path)!r}), {{'fake': fake('stays', env={{'MCP_FAKE_STATE': {str(state)!r}}})}}) as box:\n"
        "        await box.tools()\n"
        "        print('up', flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(run())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    pids = list(map(int, state.read_text().split()))
    assert all(map(is_running, pids))
    process.send_signal(number)
    time.sleep(0.5)
    process.send_signal(number)
    process.wait(timeout=60)
    process.stdout.close()
    assert not any(map(is_running, pids))


def test_calls_at_once_are_all_answered_and_bounded(tmp_path: Path) -> None:
    async def many(box: ToolServers) -> list[str]:
        (tool,) = await box.tools()
        results = await asyncio.gather(*(box.call(tool, {"query": f"w{n}"}) for n in range(40)))
        return [result.text for result in results]

    assert in_box(tmp_path, "ok", many) == [f"w{n} means a friendly greeting." for n in range(40)]


def test_each_call_is_recorded_without_what_was_said(tmp_path: Path) -> None:
    """Answered, refused by the tool, failed: who looks later can tell which call it was."""
    records: list[Any] = []
    for mode in ("ok", "refuses", "crash"):

        async def call(mode: str = mode) -> None:
            async with box_of(tmp_path, {"fake": fake(mode)}, record=records.append) as box:
                await lookup(box, "a secret matter")

        if mode == "crash":
            with pytest.raises(AnswererFailed):
                asyncio.run(call())
        else:
            asyncio.run(call())
    assert [(r["kind"], r["server"], r["tool"], r["outcome"]) for r in records] == [
        ("mcp.call", "fake", "lookup_word", outcome) for outcome in ("answered", "error", "unreachable")
    ]
    assert len({r["arguments_hash"] for r in records}) == len({r["definition_hash"] for r in records}) == 1
    assert "secret matter" not in repr(records)


def test_no_link_leads_the_log_out_of_the_tree(tmp_path: Path) -> None:
    """Neither in the place of the directory nor in that of the file; the server is used all the same."""
    outside = tmp_path / "outside"
    outside.mkdir()
    root = tmp_path / "root"
    (root / ".workflow").mkdir(parents=True)
    (root / ".workflow" / "logs").symlink_to(outside)
    assert in_box(root, "talks", lookup).text
    assert list(outside.iterdir()) == []
    (root / ".workflow" / "logs").unlink()
    (root / ".workflow" / "logs").mkdir()
    (root / ".workflow" / "logs" / "mcp-fake.log").symlink_to(outside / "log")
    assert in_box(root, "talks", lookup).text
    assert list(outside.iterdir()) == []


def test_cancelling_a_call_leaves_the_session_as_it_was(tmp_path: Path) -> None:
    async def run(box: ToolServers) -> None:
        (tool,) = await box.tools()
        call = asyncio.create_task(box.call(tool, {"query": "x"}))
        await asyncio.sleep(0.2)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await box.reports())[0].state is ServerState.UP

    in_box(tmp_path, "hang", run)


def test_offline_starts_nothing(tmp_path: Path) -> None:
    """And loopback_only lets programs of this machine be."""
    state = tmp_path / "state"

    async def run(**limits: bool) -> list[ServerState]:
        servers = {"fake": fake("stays", env={"MCP_FAKE_STATE": str(state)}), "far": {"url": "https://example.org/mcp"}}
        async with box_of(tmp_path, servers, **limits) as box:
            return [report.state for report in await box.reports()]

    assert asyncio.run(run(offline=True)) == [ServerState.NOT_ALLOWED] * 2
    assert not state.exists()
    assert asyncio.run(run(loopback_only=True)) == [ServerState.UP, ServerState.NOT_ALLOWED]


def test_a_configuration_never_shows_its_secrets(tmp_path: Path) -> None:
    servers = {
        "a": fake("ok", env={"KEY": "s3cret"}),
        "b": {"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer s3cret"}},
    }
    assert "s3cret" not in repr(configs(tmp_path, servers))
