"""Servers behind HTTP, on a port or a Unix socket, that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.mcp_box import box_of, served
from workflow_cli.adapters.mcp_client.tool_servers import ToolServers
from workflow_cli.app.answering.ports import ToolResult
from workflow_cli.app.answering.tool_report import ServerState
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

pytest.importorskip("mcp")


async def lookup(box: ToolServers, query: str = "hello") -> ToolResult:
    (tool,) = [tool for tool in await box.tools() if tool.name == "lookup_word"]
    return await box.call(tool, {"query": query})


def in_box(root: Path, entry: dict[str, Any], do: Callable[[ToolServers], Awaitable[Any]], **limits: Any) -> Any:
    async def run() -> Any:
        async with box_of(root, {"fake": entry}, **limits) as box:
            return await do(box)

    return asyncio.run(run())


def over(kind: str, mode: str, root: Path, do: Callable[[ToolServers], Awaitable[Any]], **limits: Any) -> Any:
    """Through the server in this mode, on a port or a socket."""
    if kind == "socket":
        with served(mode, socket=root / "s"):
            return in_box(root, {"socket": str(root / "s")}, do, **limits)
    with served(mode, port_file=root / "port"):
        return in_box(root, {"url": f"http://127.0.0.1:{(root / 'port').read_text()}/mcp"}, do, **limits)


each_kind = pytest.mark.parametrize("kind", ["port", "socket"])


@each_kind
def test_a_tool_answers(tmp_path: Path, kind: str) -> None:
    assert over(kind, "ok", tmp_path, lookup).text == "hello means a friendly greeting."


@each_kind
def test_a_slash_that_a_server_adds_to_its_path_is_followed(tmp_path: Path, kind: str) -> None:
    assert over(kind, "moved", tmp_path, lookup).text == "hello means a friendly greeting."


@each_kind
@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        ("crash", FailureKind.UNREACHABLE),
        ("cut", FailureKind.UNREACHABLE),
        ("cut stream", FailureKind.UNREACHABLE),
        ("garbage", FailureKind.BAD_REPLY),
        ("not json", FailureKind.BAD_REPLY),
        ("bomb", FailureKind.BAD_REPLY),
        ("flood", FailureKind.UNREACHABLE),
        ("too long", FailureKind.BAD_REPLY),
        ("liar", FailureKind.BAD_REPLY),
        ("status 503", FailureKind.OVERLOADED),
    ],
)
def test_what_a_call_runs_into_is_one_failure(tmp_path: Path, kind: str, mode: str, failure: FailureKind) -> None:
    # A busy machine takes its time to send a flood: running out of time would be another failure.
    with pytest.raises(AnswererFailed) as raised:
        over(kind, mode, tmp_path, lookup, timeout=300)
    assert raised.value.kind is failure, str(raised.value)


@each_kind
def test_a_call_that_hangs_is_given_up(tmp_path: Path, kind: str) -> None:
    with pytest.raises(AnswererFailed) as raised:
        over(kind, "hang", tmp_path, lookup, timeout=0.3)
    assert raised.value.kind is FailureKind.TIMEOUT


@pytest.mark.parametrize("mode", ["clings", "floods unasked"])
def test_a_server_that_will_not_let_go_is_left(tmp_path: Path, mode: str) -> None:
    """One that hangs when the session ends, and one that sends without end what nobody asked for."""
    assert over("port", mode, tmp_path, lookup).text.startswith("hello means")


def test_a_server_that_hangs_at_a_notification_is_used_all_the_same(tmp_path: Path) -> None:
    """The SDK sends one after the other; the others must not wait for ever."""
    result = over("port", "stuck on notifications", tmp_path, lookup)
    assert result.text.startswith("hello means")


def test_a_result_is_cut_and_plain(tmp_path: Path) -> None:
    """The limits hold on every way."""
    result = over("port", "huge", tmp_path, lookup, max_result_bytes=1000)
    assert result.truncated
    assert len(result.text.encode()) <= 1000
    assert "\x1b" not in over("socket", "escapes", tmp_path, lookup).text


@pytest.mark.parametrize(("mode", "says"), [("status 401", "HTTP 401"), ("endless", "does not end")])
def test_a_server_that_cannot_be_listed_is_down_and_says_why(tmp_path: Path, mode: str, says: str) -> None:
    async def look(box: ToolServers) -> None:
        assert await box.tools() == []
        assert says in box.problems[0]

    over("port", mode, tmp_path, look)


def test_nobody_listens(tmp_path: Path) -> None:
    """Neither on the port nor on the socket; neither holds anybody up, or takes the other one with it."""

    async def run() -> None:
        with served("ok", socket=tmp_path / "s"):
            servers = {
                "gone": {"url": "http://127.0.0.1:9/mcp"},
                "none": {"socket": str(tmp_path / "nothing")},
                "fake": {"socket": str(tmp_path / "s")},
            }
            async with box_of(tmp_path, servers) as box:
                assert (await lookup(box)).text.startswith("hello means")
                states = {report.name: report.state for report in await box.reports()}
                assert states == {"gone": ServerState.DOWN, "none": ServerState.DOWN, "fake": ServerState.UP}

    asyncio.run(run())


def test_a_token_is_sent_and_never_shown(tmp_path: Path) -> None:
    async def look(box: ToolServers) -> str:
        await lookup(box)
        return repr((await box.reports(), box.problems))

    with served("wants a token", port_file=tmp_path / "port"):
        url = f"http://127.0.0.1:{(tmp_path / 'port').read_text()}/mcp"
        good = {"url": url, "headers": {"Authorization": "Bearer s3cret-token"}}
        assert "s3cret" not in in_box(tmp_path, good, look)
        bad = {"url": url, "headers": {"Authorization": "Bearer s3cret-other"}}

        async def refused(box: ToolServers) -> None:
            assert await box.tools() == []
            assert "HTTP 401" in box.problems[0]
            assert "s3cret" not in box.problems[0]

        in_box(tmp_path, bad, refused)


@each_kind
def test_a_server_that_was_restarted_is_used_again(tmp_path: Path, kind: str) -> None:
    """Killed between two calls: the next one fails, and later ones are answered by the new process."""
    place = {"socket": tmp_path / "s"} if kind == "socket" else {"port_file": tmp_path / "port"}

    async def run() -> None:
        first = served("ok", **place)
        process = first.__enter__()
        entry = (
            {"socket": str(tmp_path / "s")}
            if kind == "socket"
            else {"url": f"http://127.0.0.1:{(tmp_path / 'port').read_text()}/mcp"}
        )
        async with box_of(tmp_path, {"fake": entry}) as box:
            (tool,) = [tool for tool in await box.tools() if tool.name == "lookup_word"]
            process.kill()
            process.wait()
            with pytest.raises(AnswererFailed) as raised:
                await box.call(tool, {"query": "x"})
            assert raised.value.kind is FailureKind.UNREACHABLE
            if kind == "port":
                return  # another process would get another port
            with served("ok", **place):
                for _ in range(600):
                    if await box.tools():
                        break
                    await asyncio.sleep(0.05)
                assert (await box.call(tool, {"query": "x"})).text.startswith("x means")

    asyncio.run(run())


def test_a_proxy_of_the_environment_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls to this machine stay on it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert over("port", "ok", tmp_path, lookup).text.startswith("hello means")
