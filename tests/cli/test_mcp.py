"""`workflow mcp tools` and `workflow mcp approve`, with the hand-written server."""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.trees import add_spec
from tests.fakes.mcp_box import SERVER, is_running, served

pytest.importorskip("mcp")

Run = Callable[..., subprocess.CompletedProcess[str]]
REPOSITORY = Path(__file__).parents[2]
SCHEMA = json.loads((REPOSITORY / "workflow_cli/schemas/mcp-tools.schema.json").read_text("utf-8"))


def configure(tree: Path, **servers: Any) -> None:
    (tree / "workflow.yaml").write_text(json.dumps({"mcp": {"servers": servers}}))


def fake(mode: str = "ok", **more: Any) -> dict[str, Any]:
    return {"command": sys.executable, "args": [str(SERVER), mode], **more}


def listed(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["exit_code"] == done.returncode
    return document


def test_without_servers_the_built_in_tools_are_there(workflow: Run) -> None:
    done = workflow("mcp", "tools")
    assert done.returncode == 0
    assert done.stdout.startswith("workflow (up; read): built in\n  on   read     ")
    assert "read_document" in done.stdout
    assert [server["name"] for server in listed(workflow("mcp", "tools", "--format", "json"))["servers"]] == [
        "workflow"
    ]


def test_nothing_is_started_before_a_person_said_yes(workflow: Run, tree: Path) -> None:
    """Listing waits (4); approving without a terminal shows what would run, and does nothing (4)."""
    state = tree / "state"
    configure(tree, dict_=fake("stays", env={"MCP_FAKE_STATE": str(state)}))
    done = workflow("mcp", "tools")
    assert done.returncode == 4
    assert "nobody approved it yet: workflow mcp approve dict_" in done.stdout
    done = workflow("mcp", "approve", "dict_")
    assert done.returncode == 4
    assert (
        f"{shlex.quote(str(SERVER))} stays\nwith the variables MCP_FAKE_STATE\nconfigured in workflow.yaml:1"
        in done.stdout
    )
    assert "next: workflow mcp approve dict_" in done.stderr
    document = listed(workflow("mcp", "approve", "dict_", "--format", "json"))
    assert (document["approved"], document["status"]) == (False, "waiting")
    assert not state.exists()
    assert not (tree / ".workflow" / "mcp-pins.json").exists()


def test_an_approved_server_is_used(workflow: Run, tree: Path) -> None:
    """Its tools that read are on; the others say why they are off; the approval is an event."""
    configure(tree, dictionary=fake())
    done = workflow("mcp", "approve", "dictionary", "--yes")
    assert (done.returncode, done.stdout) == (0, "approved dictionary with 3 tools\n")
    assert "- lookup_word (read; to be used)\n    | Looks a word up in the dictionary.\n" in done.stderr
    done = workflow("mcp", "tools", "dictionary")
    assert done.returncode == 0
    assert "  on   read     lookup_word\n" in done.stdout
    assert "  off  execute  delete_word   its server does not call it a reader" in done.stdout
    document = listed(workflow("mcp", "tools", "--format", "json"))
    (server,) = document["servers"]
    assert [(t["name"], t["used"], t["definition"]) for t in server["tools"]] == [
        ("lookup_word", True, "approved"),
        ("delete_word", False, "approved"),
        ("unknown_word", False, "approved"),
    ]
    events = [json.loads(line) for line in (tree / ".workflow/metrics.jsonl").read_text().splitlines()]
    assert [(e["outcome"], e["server"], e["tools"]) for e in events if e["kind"] == "mcp"] == [
        ("approved", "dictionary", 3)
    ]


def test_a_changed_description_needs_a_new_approval(workflow: Run, tree: Path) -> None:
    state = tree / "state"
    configure(tree, d=fake("shifty", env={"MCP_FAKE_STATE": str(state)}))
    assert workflow("mcp", "approve", "d", "--yes").returncode == 0
    state.write_text("1")
    done = workflow("mcp", "tools")
    assert done.returncode == 4
    assert "off  read     lookup_word  its description or schema changed since the server was approved" in done.stdout
    again = workflow("mcp", "approve", "d", "--yes")
    assert again.returncode == 0
    assert "- lookup_word (read; to be used; it describes itself otherwise than when it was approved)" in again.stderr
    assert workflow("mcp", "tools").returncode == 0


ASK = ("ask", "What does the word zyxt mean?", "--no-queue")


@pytest.mark.parametrize("answer", ["--answerer=tools", "--answerer=specs,tools"])
def test_a_question_tells_of_a_tool_that_changed_since_it_was_approved(workflow: Run, tree: Path, answer: str) -> None:
    """What was approved is relied on: without `--explain` too, with the next command, and no longer once it is done."""
    state = tree / "state"
    configure(tree, d=fake("shifty", env={"MCP_FAKE_STATE": str(state)}))
    assert workflow("mcp", "approve", "d", "--yes").returncode == 0
    asking = (*ASK, *(word for name in answer.partition("=")[2].split(",") for word in ("--answerer", name)))
    state.write_text("1")
    why = "d.lookup_word: its description or schema changed since the server was approved: workflow mcp approve d"
    done = workflow(*asking)
    assert (done.returncode, done.stderr) == (1, f"skipped tools: {why}\n")
    said = json.loads(workflow(*asking, "--format", "json").stdout)
    assert (said["exit_code"], said["degraded"]) == (1, [{"what": "tools", "why": why}])
    assert workflow(*asking, "--quiet").stderr == ""
    assert json.loads(workflow(*asking, "--offline", "--format", "json").stdout)["degraded"] == []
    assert workflow("mcp", "approve", "d", "--yes").returncode == 0
    assert json.loads(workflow(*asking, "--format", "json").stdout)["degraded"] == []


def test_without_an_answer_a_server_that_nobody_approved_is_named(workflow: Run, tree: Path) -> None:
    """With the command that approves it; where the documents say it, nobody is troubled with it."""
    add_spec(tree)
    configure(tree, d=fake())
    hint = "tools: no tool may be used: d: nobody approved it yet: workflow mcp approve d\n"
    assert workflow(*ASK).stderr == hint
    assert workflow(*ASK, "--quiet").stderr == ""
    assert hint not in workflow(*ASK, "--explain").stderr
    assert workflow("ask", "Does the shop open the account page after a correct password?").stderr == ""


def test_a_tool_that_changed_is_told_although_another_server_fails(workflow: Run, tree: Path) -> None:
    """What is missing is missing, whatever became of the rest."""
    state = tree / "state"
    configure(tree, d=fake("shifty", env={"MCP_FAKE_STATE": str(state)}), e=fake("crash"))
    for name in ("d", "e"):
        workflow("mcp", "approve", name, "--yes")
    state.write_text("1")
    done = workflow("ask", "look word zyxt up", "--no-queue", "--answerer", "tools", "--format", "json")
    said = [entry["why"] for entry in json.loads(done.stdout)["degraded"] if entry["what"] == "tools"]
    assert done.returncode == 3, done.stdout
    assert "its description or schema changed since" in said[-1]


def test_a_question_tells_of_a_server_that_is_not_the_approved_one(workflow: Run, tree: Path, tmp_path: Path) -> None:
    """As of one whose approvals do not count any more; where nobody approved anything, nothing is missing."""
    configure(tree, d=fake())
    asking = (*ASK, "--answerer", "tools", "--format", "json")
    assert json.loads(workflow(*asking).stdout)["degraded"] == []
    assert workflow("mcp", "approve", "d", "--yes").returncode == 0
    elsewhere = json.loads(workflow(*asking, env={"XDG_STATE_HOME": str(tmp_path / "other")}).stdout)
    (missing,) = elsewhere["degraded"]
    assert (
        missing["what"],
        "not made by this account: approve the servers again (workflow mcp tools" in missing["why"],
    ) == ("tools", True)
    configure(tree, d=fake("stays"))
    why = "d: its configuration is not the one that was approved: workflow mcp approve d"
    assert json.loads(workflow(*asking).stdout)["degraded"] == [{"what": "tools", "why": why}]


def test_a_server_without_the_value_of_a_variable_is_not_shown_as_an_empty_command(workflow: Run, tree: Path) -> None:
    configure(tree, d=fake(env={"WORD_TOKEN": "${WORD_TOKEN}"}))
    done = workflow("mcp", "approve", "d", "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith("error: the server d cannot be approved: ${WORD_TOKEN} has no value")


def test_an_answer_of_a_tool_that_is_kept_says_how_old_it_is(workflow: Run, tree: Path) -> None:
    """No document tells whether it is still so."""
    configure(tree, d=fake())
    workflow("mcp", "approve", "d", "--yes")
    first, again = (workflow("ask", 'lookup word "hello"', "--answerer", "tools", "--no-queue") for _ in range(2))
    assert first.stdout.endswith(", unsourced\n")
    assert again.stdout == first.stdout.replace(", unsourced\n", ", unsourced, asked before, less than a minute ago\n")


def test_a_picture_answers_nothing(workflow: Run, tree: Path) -> None:
    """What cannot be shown is no answer, whatever it is called in its place."""
    configure(tree, d=fake("draws"))
    workflow("mcp", "approve", "d", "--yes")
    done = workflow("ask", 'lookup word "hello"', "--answerer", "tools", "--no-queue", "--explain")
    assert done.returncode == 1, done.stdout
    assert "d.lookup_word said: [image, not shown]" in done.stdout


def test_an_approval_can_be_taken_back(workflow: Run, tree: Path) -> None:
    configure(tree, d=fake())
    workflow("mcp", "approve", "d", "--yes")
    assert workflow("mcp", "approve", "d", "--revoke").stdout == "took back the approval of d\n"
    assert workflow("mcp", "tools").returncode == 4
    assert listed(workflow("mcp", "approve", "d", "--revoke", "--format", "json"))["revoked"] is False


def test_approvals_of_another_account_do_not_count(workflow: Run, tree: Path, tmp_path: Path) -> None:
    """As when they came with a clone."""
    configure(tree, d=fake())
    workflow("mcp", "approve", "d", "--yes")
    done = workflow("mcp", "tools", env={"XDG_STATE_HOME": str(tmp_path / "other")})
    assert done.returncode == 4
    assert "was not made by this account" in done.stderr


def test_trust_by_configuration_is_for_the_one_who_runs_it(workflow: Run, tree: Path) -> None:
    """A variable may say so, as in CI; the project's own file may not."""
    configure(tree, d=fake())
    done = workflow("mcp", "tools", env={"WORKFLOW_MCP__TRUST": "configured"})
    assert done.returncode == 0
    assert "  on   read     lookup_word\n" in done.stdout
    (tree / "workflow.yaml").write_text("mcp: {trust: configured}\n")
    done = workflow("mcp", "tools")
    assert done.returncode == 2
    assert "mcp.trust: comes with the project" in done.stderr


def test_where_the_only_server_is_down_nobody_knows_whether_there_is_an_answer(workflow: Run, tree: Path) -> None:
    """As with a model that is down: what the documents do not say is said, and who could not be asked; alone, it is an error."""
    told = f"d: the connection closed; what it said is in {Path('.workflow/logs/mcp-d.log')}"

    def ask(order: str) -> dict[str, Any]:
        servers = json.dumps({"d": fake("dies at once")})
        (tree / "workflow.yaml").write_text(f"answers: {{order: {order}}}\nmcp: {{servers: {servers}}}\n")
        asked = ("ask", "What does the word zyxt mean?", "--no-queue", "--format", "json")
        done = workflow(*asked, env={"WORKFLOW_MCP__TRUST": "configured"})
        said: dict[str, Any] = json.loads(done.stdout)
        assert said["exit_code"] == done.returncode
        return said

    said = ask("[tools]")
    assert (said["exit_code"], said["status"]) == (3, "error")
    assert told in json.dumps(said)
    said = ask("[specs, tools]")
    assert (said["exit_code"], said["status"], said["answer"]["status"]) == (1, "findings", "not_in_specs")
    assert said["degraded"] == [{"what": "tools", "why": f"{told}; next: workflow mcp tools"}]


@pytest.mark.parametrize(
    ("mode", "then"),
    [
        ("crash with a word", "; what it said is in .workflow/logs/mcp-d.log"),
        ("crash", ", and it said nothing on stderr"),
    ],
)
def test_a_program_that_ends_in_a_call_has_left_its_word_in_a_log(
    workflow: Run, tree: Path, mode: str, then: str
) -> None:
    servers = json.dumps({"d": fake(mode)})
    (tree / "workflow.yaml").write_text(f"answers: {{order: [tools]}}\nmcp: {{attempts: 1, servers: {servers}}}\n")
    done = workflow("ask", 'lookup word "hello"', "--no-queue", env={"WORKFLOW_MCP__TRUST": "configured"})
    assert done.returncode == 3
    assert f"the MCP server d failed: the connection closed in a call of lookup_word{then}\n" in done.stderr
    assert "next: workflow mcp tools d\n" in done.stderr
    log = tree / ".workflow" / "logs" / "mcp-d.log"
    assert not log.exists() or log.read_text() == "database is gone\n"


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (fake("dies at once"), "what it said is in .workflow/logs/mcp-d.log"),
        ({"command": "no-such-program-here"}, "no such file or program: no-such-program-here"),
        (fake("endless"), "its list of tools does not end"),
    ],
)
def test_a_server_that_does_not_work_is_status_3(workflow: Run, tree: Path, entry: dict[str, Any], says: str) -> None:
    """And it cannot be approved."""
    configure(tree, d=entry)
    done = workflow("mcp", "tools", env={"WORKFLOW_MCP__TRUST": "configured"})
    assert done.returncode == 3
    assert says in done.stdout
    done = workflow("mcp", "approve", "d", "--yes")
    assert done.returncode == 1
    assert says in done.stderr
    assert not (tree / ".workflow" / "mcp-pins.json").exists()


def test_usage_faults(workflow: Run, tree: Path) -> None:
    configure(tree, d=fake())
    for arguments, says in (
        (["mcp", "tools", "e"], "no MCP server 'e' is configured"),
        (["mcp", "approve", "e"], "configured are d"),
        (["mcp", "approve"], "Missing argument"),
    ):
        done = workflow(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr


@pytest.mark.parametrize(
    ("servers", "says"),
    [
        ({"a b": {"command": "x"}}, "a server's name has letters"),
        ({"a": {"comand": "x"}}, "unknown key comand"),
        ({"a": {"command": "x", "access": ["fly"]}}, "'fly' is none of read, write and execute"),
        ({"a": {"command": "x", "tools": 5}}, "`tools` is a list of names"),
        ({"a": {"command": "x", "timeout": "soon"}}, "`timeout` is a number of seconds"),
        ({"a": {"command": "x", "enabled": "yes"}}, "`enabled` is true or false"),
        ({"a": {"command": "x", "env": "KEY=1"}}, "env: expected a mapping"),
        ({"a": 5}, "a: expected a mapping"),
        ([], "expected a mapping from names to servers"),
    ],
)
def test_faults_of_the_configuration_are_told_at_once(workflow: Run, tree: Path, servers: Any, says: str) -> None:
    """By every command, as all faults of settings are."""
    (tree / "workflow.yaml").write_text(json.dumps({"mcp": {"servers": servers}}))
    done = workflow("config", "show")
    assert done.returncode == 2
    assert says in done.stderr
    assert "workflow.yaml:1: mcp.servers" in done.stderr


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("{}", "workflow.yaml:6"),
        ("{comand: x}", "error: workflow.yaml:6: mcp.servers: second: unknown key comand"),
        ("\n      command: x\n      timeout: soon", "error: workflow.yaml:8: mcp.servers: second: `timeout` is"),
        ("\n      command: x\n      tools: 5", "error: workflow.yaml:8: mcp.servers: second: `tools` is"),
        ("\n      command: x\n      env: [A]", "error: workflow.yaml:8: mcp.servers: second: env: expected"),
    ],
)
def test_a_fault_of_one_server_is_told_with_its_own_line(workflow: Run, tree: Path, entry: str, says: str) -> None:
    """Not with that of `servers:`, which may be a screen away."""
    (tree / "workflow.yaml").write_text(
        f"mcp:\n  servers:\n    # ours\n    first:\n      command: x\n    second: {entry}\n"
    )
    done = workflow("mcp", "tools")
    assert done.returncode in {1, 2, 3, 4}
    assert says in done.stdout + done.stderr


def test_secrets_are_shown_nowhere(workflow: Run, tree: Path) -> None:
    configure(tree, d=fake(env={"KEY": "s3cret-key"}), e={"url": "https://x.example/", "headers": {"A": "s3cret-key"}})
    for arguments in (["config", "show"], ["mcp", "approve", "d", "--yes"], ["mcp", "tools", "d", "--format", "json"]):
        done = workflow(*arguments)
        assert done.returncode == 0
        assert "s3cret" not in done.stdout + done.stderr
    kept = [path for path in (tree / ".workflow").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"s3cret" in path.read_bytes()]


def test_hostile_words_of_a_server_reach_no_terminal(workflow: Run, tree: Path) -> None:
    configure(tree, d=fake("poisoned"))
    done = workflow("mcp", "approve", "d", "--yes")
    assert done.returncode == 0
    assert "    | " in done.stderr
    assert not set("\x1b\x07\x9b\u202e\u200b") & set(done.stdout + done.stderr)


def test_hidden_words_of_a_command_are_shown(workflow: Run, tree: Path) -> None:
    configure(tree, d={"command": "run", "args": ["\u202egnp.exe\x1b[2K"]})
    shown = workflow("mcp", "approve", "d").stdout
    assert r"\u202egnp.exe\u001b[2K" in shown


def test_offline_starts_nothing(workflow: Run, tree: Path) -> None:
    state = tree / "state"
    configure(tree, d=fake("stays", env={"MCP_FAKE_STATE": str(state)}))
    done = workflow("mcp", "tools", "--offline", env={"WORKFLOW_MCP__TRUST": "configured"})
    assert done.returncode == 0
    assert "network.offline is set" in done.stdout
    assert workflow("mcp", "approve", "d", "--yes", "--offline").returncode == 1
    assert not state.exists()


def test_a_file_of_another_program_and_the_socket(workflow: Run, tree: Path) -> None:
    """`mcp.file`, and MCP_ORCHESTRATOR_SOCKET."""
    (tree / ".mcp.json").write_text(json.dumps({"mcpServers": {"d": fake()}}))
    (tree / "workflow.yaml").write_text("mcp: {file: .mcp.json, servers: {d: {tools: {unknown_word: read}}}}\n")
    socket = tree / "s"
    with served("ok", socket=socket):
        environment = {"WORKFLOW_MCP__TRUST": "configured", "MCP_ORCHESTRATOR_SOCKET": str(socket)}
        document = listed(workflow("mcp", "tools", "--format", "json", env=environment))
    used = {server["name"]: [t["name"] for t in server["tools"] if t["used"]] for server in document["servers"]}
    assert used == {"d": ["unknown_word"], "orchestrator": ["lookup_word"]}


def test_without_the_sdk_one_plain_message(workflow: Run, tree: Path, tmp_path: Path) -> None:
    """Where the extra is not installed: what is missing, and what to do; other commands work."""
    configure(tree, d=fake())
    blocker = tmp_path / "blocked"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text(
        "import sys\nsys.modules['mcp'] = None\nsys.modules['mcp_types'] = None\n"
    )
    environment = {"PYTHONPATH": f"{blocker}:{REPOSITORY}", "WORKFLOW_MCP__TRUST": "configured"}
    done = workflow("mcp", "tools", env=environment)
    assert done.returncode == 3
    assert f'the package to call MCP servers is not installed: {sys.executable} -m pip install "mcp>=' in done.stdout
    assert done.stderr == "1 server, 0 tools to use\n"
    assert workflow("config", "show", env=environment).returncode == 0


def at_a_terminal(tree: Path, environment: dict[str, str], answers: list[str]) -> tuple[int, str]:
    """`workflow mcp approve d` with a terminal before it, at which `answers` are typed as it asks."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "workflow_cli", "mcp", "approve", "d"],
        cwd=tree,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    said = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([master], [], [], 0.1)[0]:
            try:
                piece = os.read(master, 65_536)
            except OSError:
                break
            said += piece
            if said.endswith(b"[y/N] ") and answers:
                os.write(master, answers.pop(0).encode() + b"\n")
        elif process.poll() is not None:
            break
    os.close(master)
    return process.wait(timeout=60), said.decode()


@pytest.mark.parametrize(
    ("answers", "status", "started", "approved"),
    [(["n"], 1, False, False), ([""], 1, False, False), (["y", "no"], 1, True, False), (["y", "yes"], 0, True, True)],
)
def test_at_a_terminal_both_questions_are_asked(
    tree: Path, environment: dict[str, str], answers: list[str], status: int, started: bool, approved: bool
) -> None:
    """First whether to start it, then whether to approve what it has."""
    calls = tree / "state"
    configure(tree, d=fake("stays", env={"MCP_FAKE_STATE": str(calls)}))
    done, said = at_a_terminal(tree, environment, list(answers))
    assert done == status, said
    assert "d would run, in " in said
    assert calls.exists() is started
    assert ("| Looks a word up" in said) is started
    assert (tree / ".workflow" / "mcp-pins.json").exists() is approved
    if started:
        assert not any(is_running(int(pid)) for pid in calls.read_text().split())
