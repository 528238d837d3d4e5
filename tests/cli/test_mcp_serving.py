"""`workflow mcp` as agents start it: a process whose stdin and stdout carry the protocol."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from tests.cli.conftest import REPOSITORY, environment_at
from tests.cli.trees import add_change, add_spec

Run = Callable[..., subprocess.CompletedProcess[str]]
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}},
}


@pytest.fixture
def shop(tree: Path) -> Path:
    add_spec(tree)
    add_change(tree)
    return tree


@pytest.fixture
def parameters(shop: Path, environment: dict[str, str]) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=["-m", "workflow_cli", "mcp", "--root", str(shop)], env=environment
    )


@pytest.fixture
def server(shop: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The process, with its pipes in our hands."""
    process = serving(shop, environment)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """One that several tests share, each of which leaves it as it was: a start takes longer than all they ask of it."""
    place = tmp_path_factory.mktemp("session")
    add_spec(place / "project")
    add_change(place / "project")
    process = serving(place / "project", environment_at(place / "home"))
    begin(process)
    yield process
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def serving(root: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "workflow_cli", "mcp"],
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def say(server: subprocess.Popen[str], *messages: Any) -> None:
    assert server.stdin
    for message in messages:
        server.stdin.write((message if isinstance(message, str) else json.dumps(message)) + "\n")
    server.stdin.flush()


def hear(server: subprocess.Popen[str]) -> Any:
    """The next message; every line of stdout has to be one."""
    assert server.stdout
    message = json.loads(server.stdout.readline())
    assert message["jsonrpc"] == "2.0"
    return message


def begin(server: subprocess.Popen[str]) -> None:
    say(server, INITIALIZE)
    assert hear(server)["result"]["serverInfo"]["name"] == "workflow"
    say(server, {"jsonrpc": "2.0", "method": "notifications/initialized"})


def call(number: int, tool: str, /, **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_sdks_client_works_with_it(parameters: StdioServerParameters, shop: Path, mode: Any) -> None:
    """In both ways the protocol is spoken: tools, resources, an answer with its quote, an error."""

    async def main() -> None:
        async with Client(stdio_client(parameters), mode=mode) as client:
            assert len((await client.list_tools()).tools) == 8
            assert "openspec://spec/auth" in [str(r.uri) for r in (await client.list_resources()).resources]
            asked = await client.call_tool("ask_question", {"question": "What opens after a correct password?"})
            answer: Any = asked.structured_content
            assert answer["status"] == "answered"
            assert "the account page opens" in answer["answer"]
            source = answer["sources"][0]
            assert source["path"] == "openspec/specs/auth/spec.md"
            lines = (shop / source["path"]).read_text().splitlines()
            assert source["quote"].splitlines()[0] in lines[source["line"] - 1]
            assert (await client.call_tool("read_document", {"path": "nowhere"})).is_error

    anyio.run(main)


def test_it_ends_when_the_client_closes_stdin(server: subprocess.Popen[str]) -> None:
    """Status 0, and stdout holds nothing but the protocol."""
    begin(server)
    out, error = server.communicate(timeout=60)
    assert (server.returncode, out, error) == (0, "", "")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_it_although_stdin_is_open(
    server: subprocess.Popen[str], number: signal.Signals, status: int
) -> None:
    """No thread keeps it waiting for a line; a question under way ends with it."""
    begin(server)
    say(server, call(2, "ask_question", question="Who waters the plants in the kitchen?", wait_seconds=1))
    id = hear(server)["result"]["structuredContent"]["id"]
    say(server, call(3, "get_answer", id=id, wait_seconds=300))
    say(server, call(4, "list_questions"))
    assert hear(server)["id"] == 4
    server.send_signal(number)
    assert server.wait(timeout=60) == status


def test_settings_that_are_written_meanwhile_are_in_force(server: subprocess.Popen[str], shop: Path) -> None:
    """Also those that the loop has just changed: the server takes part in its experiments. Wrong ones are left aside."""
    from workflow_cli.domain.improvement.arms import Draw, Overlay

    settings = shop / "workflow.yaml"
    settings.write_text("answers: {cache: false}\n", encoding="utf-8")
    begin(server)

    def ask(number: int) -> dict[str, Any]:
        say(server, call(number, "ask_question", question="What opens after a correct password?", wait_seconds=30))
        assert hear(server)["result"]["structuredContent"]["status"] == "answered"
        events = [json.loads(line) for line in (shop / ".workflow/metrics.jsonl").read_text("utf-8").splitlines()]
        return next(event for event in reversed(events) if event["kind"] == "question")

    before = ask(2)
    assert "experiment" not in before
    settings.write_text("answers: {cache: false}\n# tuned\nretrieval: {passages: 2}\n", encoding="utf-8")
    changes = {"retrieval.depth": 3}
    overlay = Overlay(experiment="x", draw=Draw.INTERLEAVED, scope="*", salt="s", changes=changes)
    (shop / ".workflow/overlay.json").write_text(json.dumps(overlay.as_json()), encoding="utf-8")
    after = ask(3)
    assert after["experiment"] == "x"
    assert after["config_sha"] != before["config_sha"]
    assert after["retrieval"]["k"] <= 3
    settings.write_text("answers: [\n", encoding="utf-8")
    assert "experiment" not in ask(4)
    settings.unlink()
    assert ask(6)["status"] == "answered"
    say(server, call(7, "list_questions"))
    assert hear(server)["id"] == 7


def test_whatever_comes_in_is_survived(server: subprocess.Popen[str]) -> None:
    """Lines that are no messages, unknown methods, wrong arguments, an endless number."""
    begin(server)
    say(
        server,
        "no json",
        "[]",
        "",
        '{"jsonrpc":"2.0","id":7,"method":"no/such"}',
        {"jsonrpc": "2.0", "id": 8, "method": "tools/call", "params": {"name": "get_answer", "arguments": []}},
        {
            "jsonrpc": "2.0",
            "id": 9,
            "method": "tools/call",
            "params": {"name": "ask_question", "arguments": {"question": 3}},
        },
        "\u2028\x00\U0001f600",
        call(10, "list_questions"),
    )
    heard: dict[Any, Any] = {}
    while 10 not in heard:
        message = hear(server)
        heard[message.get("id")] = message
    assert heard[7]["error"]["code"] == -32601
    assert "error" in heard[8] or heard[8]["result"]["isError"]
    assert heard[9]["result"]["isError"]
    assert heard[10]["result"]["structuredContent"]["total"] == 0


@pytest.mark.parametrize(
    ("method", "params", "says", "then"),
    [
        (
            "tools/call",
            {"name": "get_answer", "arguments": "x"},
            "tools/call was not carried out: arguments must be an object",
            'send it with "name", which tools/list tells, and "arguments", an object with what that tool takes',
        ),
        (
            "tools/call",
            {"arguments": {}},
            "tools/call was not carried out: name is missing",
            'send it with "name", which tools/list tells, and "arguments", an object with what that tool takes',
        ),
        (
            "resources/read",
            {"uri": 4},
            "resources/read was not carried out: uri must be a valid string",
            'send it with "uri", which resources/list tells',
        ),
        (
            "tools/list",
            {"cursor": 4},
            "tools/list was not carried out: cursor must be a valid string",
            "send it again with that mended",
        ),
        ("resources/read", {"uri": "x:y"}, "Unknown resource: x:y", "resources/list tells what there is"),
        ("prompts/get", {"name": "x"}, "there are no prompts here", "tools/list tells what there is"),
    ],
)
def test_a_request_with_wrong_parameters_is_told_which_and_what_is_wanted(
    session: subprocess.Popen[str], method: str, params: Any, says: str, then: str
) -> None:
    say(session, {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}, call(8, "list_questions"))
    answers = {message["id"]: message for message in (hear(session), hear(session))}
    assert answers[7]["error"]["code"] == -32602
    assert answers[7]["error"]["message"] == f"{says}\nnext: {then}"
    assert answers[8]["result"]["structuredContent"]["total"] == 0


def test_a_request_before_the_session_has_begun_is_told_so(server: subprocess.Popen[str]) -> None:
    say(server, {"jsonrpc": "2.0", "id": 7, "method": "tools/list"})
    message = hear(server)["error"]["message"]
    assert message == "the session has not begun\nnext: send initialize, then notifications/initialized"


@pytest.mark.parametrize("notes", ["", " \n\t"])
def test_empty_notes_are_told_what_to_write(session: subprocess.Popen[str], notes: str) -> None:
    say(session, call(7, "propose_change", title="Export orders", notes=notes, agent="Ada"))
    [content] = hear(session)["result"]["content"]
    assert content["text"] == (
        "the notes are empty\nwhere: Ada\nnext: write what shall change and why; or leave them out, a title is enough"
    )


@pytest.mark.parametrize(
    ("line", "id", "code", "says"),
    [
        ("no json", None, -32700, "is no JSON"),
        ('{"jsonrpc":"2.0","id":70,"method":"ping"} {}', None, -32700, "is no JSON"),
        (json.dumps(call(71, "ask_question", question="half a \ud83d")), 71, -32700, "surrogate"),
        (b'{"jsonrpc":"2.0","id":72,"method":"ping","params":{"a":"\xff"}}', 72, -32700, "is no UTF-8 at byte 57"),
        (json.dumps(call(73, "ask_question")).replace("{}", "[" * 300 + "]" * 300), 73, -32700, "recursion"),
        ("[" * 100_000, None, -32700, "recursion"),
        ("[]", None, -32600, "is no request"),
        ('{"jsonrpc":"2.0","id":74,"method":3}', 74, -32600, "is no request"),
        ('{"jsonrpc":"1.0","id":"a","method":"ping"}', "a", -32600, "is no request"),
        ('{"jsonrpc":"2.0","id":75,"method":"tools/call","params":[]}', 75, -32600, "is no request"),
        ('[{"jsonrpc":"2.0","id":76,"method":"ping"}]', 76, -32600, "one message a line"),
    ],
)
def test_a_line_that_is_no_message_is_answered(
    session: subprocess.Popen[str], line: str | bytes, id: Any, code: int, says: str
) -> None:
    """Whoever sent it may wait for an answer; under its id, where it can be told. What follows is answered as ever."""
    assert session.stdin
    session.stdin.buffer.write((line if isinstance(line, bytes) else line.encode()) + b"\n")
    say(session, call(80, "list_questions"))
    heard = hear(session)
    assert (heard["id"], heard["error"]["code"]) == (id, code)
    assert says in heard["error"]["message"]
    assert "\nnext: " in heard["error"]["message"]
    assert hear(session)["id"] == 80


def test_what_asks_for_nothing_is_not_answered(server: subprocess.Popen[str]) -> None:
    """Responses and notifications that make no sense: an answer to an answer would have no end."""
    begin(server)
    say(
        server,
        "",
        '{"jsonrpc":"2.0","id":5,"error":{}}',
        '{"jsonrpc":"2.0","id":null,"error":"no"}',
        '{"jsonrpc":"2.0","method":"notifications/cancelled","params":7}',
        '{"jsonrpc":"2.0","id":5,"result":3}',
        call(81, "list_questions"),
    )
    assert hear(server)["id"] == 81


def test_a_message_without_end_ends_the_connection(server: subprocess.Popen[str]) -> None:
    """Rather than filling the memory."""
    begin(server)
    assert server.stdin
    try:
        for _ in range(40):
            server.stdin.write("x" * 1_000_000)
        server.stdin.flush()
    except BrokenPipeError:
        pass
    assert server.wait(timeout=60) == 0
    assert server.stderr
    assert "the connection ends" in server.stderr.read()


def test_it_ends_when_the_client_reads_no_more(server: subprocess.Popen[str], environment: dict[str, str]) -> None:
    """The client has gone, although its end of stdin is still open: no bug, and nothing to attach to a report."""
    begin(server)
    assert server.stdout
    server.stdout.close()
    say(server, call(2, "list_questions"))
    assert server.wait(timeout=60) == 0
    assert server.stderr
    assert server.stderr.read() == ""
    assert not list(Path(environment["TMPDIR"]).glob("workflow-bug-*"))
    server.stdout = None


def test_a_tree_that_is_removed_meanwhile_is_said(server: subprocess.Popen[str], shop: Path) -> None:
    """By every tool: nothing is "not in the documents", nothing is drafted, and nothing of the tree is made anew."""
    begin(server)
    say(server, call(2, "read_document", path="auth"))
    assert not hear(server)["result"]["isError"]
    shutil.rmtree(shop)
    calls = {
        "ask_question": {"question": "What opens after a correct password?"},
        "get_answer": {"id": "q1"},
        "list_questions": {},
        "submit_answer": {"id": "q1", "answer": "yes"},
        "process_change": {},
        "read_document": {"path": "auth"},
        "draft_update": {"edits": [{"op": "check-task", "task": "1.1", "path": "add-receipts/tasks.md"}]},
        "propose_change": {"title": "Send invoices"},
    }
    for number, (tool, arguments) in enumerate(calls.items(), 10):
        say(server, call(number, tool, **arguments))
        result = hear(server)["result"]
        assert result["isError"], tool
        said = result["content"][0]["text"]
        assert "the OpenSpec tree is no longer there" in said, tool
        assert "\nnext: " in said
    say(server, {"jsonrpc": "2.0", "id": 40, "method": "resources/list"})
    assert "no longer there" in hear(server)["error"]["message"]
    assert not shop.exists()


def test_names_that_are_no_unicode_are_shown_with_their_bytes(server: subprocess.Popen[str], shop: Path) -> None:
    """A directory somebody unpacked from an old archive keeps nothing else from being listed and checked."""
    odd = os.fsencode(shop) + b"/openspec/specs/caf\xe9"
    try:
        os.mkdir(odd)
    except OSError:
        pytest.skip("this file system takes no such name")
    Path(os.fsdecode(odd + b"/spec.md")).write_bytes((shop / "openspec/specs/auth/spec.md").read_bytes())
    begin(server)
    say(server, {"jsonrpc": "2.0", "id": 2, "method": "resources/list"})
    uris = [resource["uri"] for resource in hear(server)["result"]["resources"]]
    assert {"openspec://spec/auth", "openspec://spec/caf%E9"} <= set(uris)
    say(server, call(3, "process_change", all=True))
    result = hear(server)["result"]
    assert not result["isError"], result
    assert {"auth", r"caf\udce9"} <= {item["id"] for item in result["structuredContent"]["items"]}


def test_a_large_answer_reaches_a_client_that_reads_late(server: subprocess.Popen[str], shop: Path) -> None:
    """More than a pipe holds: meanwhile the server goes on."""
    (shop / "openspec/changes/add-receipts/design.md").write_text("# Design\n\n" + "word " * 3_900)
    begin(server)
    for id in range(20, 60):
        say(server, call(id, "read_document", path="add-receipts/design.md"))
    ids = {hear(server)["id"] for _ in range(40)}
    assert ids == set(range(20, 60))


def test_without_the_package_it_says_what_to_install(
    shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 3; the package is an extra."""
    from workflow_cli.__main__ import main

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *more: None if name == "mcp" else real(name, *more))
    monkeypatch.chdir(shop)
    assert main(["mcp"]) == 3
    packages = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert f'next: {sys.executable} -m pip install "{packages["mcp"][0]}"\n' in capsys.readouterr().err


def test_outside_a_tree_it_says_so(workflow: Run, tmp_path: Path) -> None:
    """Status 3, on stderr."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = workflow("mcp", cwd=elsewhere)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no OpenSpec tree" in done.stderr


def test_files_as_streams(shop: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """No event loop can wait for a file; it is read as it is."""
    said, heard = tmp_path / "said", tmp_path / "heard"
    said.write_text(json.dumps(INITIALIZE) + "\n")
    with said.open() as stdin, heard.open("w") as stdout:
        command = [sys.executable, "-m", "workflow_cli", "mcp", "--root", str(shop)]
        done = subprocess.run(command, env=environment, stdin=stdin, stdout=stdout, timeout=60, check=False)
    assert done.returncode == 0
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in heard.read_text().splitlines())


@pytest.mark.parametrize(
    ("started_with", "said"),
    [
        (">&-", "stdout is closed"),
        ("1</dev/null", "stdout is closed"),
        ("<&-", "stdin is closed"),
        ("0>/dev/null", "stdin is closed"),
        ("<&- >&-", "stdin and stdout are closed"),
    ],
)
def test_without_its_streams_there_is_nobody_to_serve(
    shop: Path, environment: dict[str, str], started_with: str, said: str
) -> None:
    """Ending with 0 would say that a client was there and has gone."""
    command = f"exec {shlex.quote(sys.executable)} -m workflow_cli mcp --root {shlex.quote(str(shop))} {started_with}"
    done = subprocess.run(
        ["sh", "-c", command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr == (
        f"error: {said}, and agents talk over both\n"
        "  next: let the agent start it, with pipes for stdin and stdout; see workflow mcp --help\n"
    )
