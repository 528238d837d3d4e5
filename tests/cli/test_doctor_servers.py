"""`workflow doctor` and servers: real ones of either dialect, in every state."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_doctor import report_of, traces
from tests.cli.test_start_up import loaded_by
from tests.fakes.lmstudio_server import LmStudioServer, ServedModel, loaded
from tests.fakes.lmstudio_steps import Hang, Reply, Status
from tests.fakes.mcp_box import fake, is_running
from workflow_cli.app.doctor.examination import Examination
from workflow_cli.settings import Settings
from workflow_cli.wiring.doctor.model_servers import CHECK
from workflow_cli.wiring.doctor.surroundings import Surroundings

TOKEN = "sk-lm-do-not-tell"
TRUSTING = {"WORKFLOW_MCP__TRUST": "configured"}


def found_at(workflow: Run, server: LmStudioServer, **env: str) -> dict[str, dict[str, Any]]:
    """What is said of the model server, by the last part of the id."""
    done = workflow("doctor", "--format", "json", env={"LM_STUDIO_BASE_URL": server.base_url, **env})
    checks = report_of(done)["checks"]
    return {check["id"].rpartition(".")[2]: check for check in checks if check["id"].startswith("model-server")}


def configure(tree: Path, *, connect_timeout: int = 20, **servers: Any) -> None:
    (tree / "workflow.yaml").write_text(json.dumps({"mcp": {"connect_timeout": connect_timeout, "servers": servers}}))


def tools_of(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """What is said of MCP servers, by their names."""
    return {check["where"]: check for check in report_of(done)["checks"] if check["id"] == "mcp-server"}


# -- model servers ------------------------------------------------------------------------------------------------------


def test_a_model_that_is_loaded_is_tried_once(workflow: Run, tree: Path) -> None:
    """Reached, loaded, with the context it really has, and able to give JSON."""
    with LmStudioServer(loaded("qwen/qwen3-8b", context=8192)) as server:
        found = found_at(workflow, server)
        assert {name: check["state"] for name, check in found.items()} == dict.fromkeys(
            ("model-server", "model", "context", "output"), "ok"
        )
        assert found["model-server"]["where"] == server.label
        assert found["model-server"]["seen"].endswith(" and lists 1 model, 1 loaded")
        assert found["model"]["where"] == f"{server.label} qwen/qwen3-8b"
        assert found["context"]["seen"] == "8192 tokens as it is loaded, of 131072 that it could read"
        assert found["output"]["seen"].startswith("works, the schema binds the reply; ")
        assert len(server.chats()) == 1
        assert server.loads == []
    assert not (tree / ".workflow").exists()


def test_a_closed_port_is_a_failure_where_somebody_named_it(
    environment: dict[str, str], workflow: Run, tree: Path
) -> None:
    """And the library for HTTP is not even loaded; nor is that for MCP, where nobody approved a server."""
    with LmStudioServer() as server:
        pass
    found = found_at(workflow, server)
    assert found.keys() == {"model-server"}
    assert (found["model-server"]["state"], found["model-server"]["seen"]) == ("failed", "no server answers")
    assert found["model-server"]["next"].startswith("start the server (`lms server start`)")
    configure(tree, unapproved=fake("ok"))
    loaded_modules = loaded_by(["doctor", "--root", str(tree)], {**environment, "LM_STUDIO_BASE_URL": server.base_url})
    assert loaded_modules.isdisjoint({"httpx", "mcp"})


@pytest.mark.parametrize("may_load", ["false", "true"])
def test_nothing_is_loaded(workflow: Run, may_load: str) -> None:
    """What would load it is told; where it may be, that is no failure."""
    with LmStudioServer(ServedModel(key="big"), ServedModel(key="other")) as server:
        found = found_at(workflow, server, WORKFLOW_LM_STUDIO__MODEL="big", WORKFLOW_LM_STUDIO__MAY_LOAD=may_load)
        assert (server.loads, server.chats()) == ([], [])
    if may_load == "true":
        assert (found["model"]["state"], found["output"]["state"]) == ("ok", "skipped")
        assert found["model"]["seen"].startswith("is not loaded; the first call loads it, as lm_studio.may_load allows")
    else:
        assert (found["model"]["state"], found["model"]["seen"]) == ("failed", "the model big is not loaded")
        assert found["model"]["next"] == "`lms load big`, or set lm_studio.may_load"
        assert "output" not in found


def test_a_server_that_does_not_tell_what_is_loaded_is_asked_for_nothing(workflow: Run) -> None:
    """It might load it. The window is then a guess, unless somebody set it."""
    with LmStudioServer(dialect="plain") as server:
        found = found_at(workflow, server)
        assert (found["context"]["state"], found["output"]["state"]) == ("warning", "skipped")
        assert found["context"]["next"].startswith("set lm_studio.window")
        assert found_at(workflow, server, WORKFLOW_LM_STUDIO__WINDOW="4096")["context"]["state"] == "ok"
        assert server.chats() == []


def test_one_that_tells_its_window_has_loaded_its_model(workflow: Run) -> None:
    with LmStudioServer(dialect="plain", props={"default_generation_settings": {"n_ctx": 9216}}) as server:
        found = found_at(workflow, server)
    assert (found["context"]["seen"], found["output"]["state"]) == ("9216 tokens as it is loaded", "ok")


def test_a_window_that_a_reply_would_fill(workflow: Run) -> None:
    with LmStudioServer(loaded("tiny", context=1500)) as server:
        found = found_at(workflow, server)["context"]
    assert (found["state"], "lm_studio.max_tokens" in found["seen"]) == ("warning", True)
    assert found["next"].startswith("lms load tiny --context-length 16384")


def test_a_model_that_cannot_give_json(workflow: Run) -> None:
    with LmStudioServer() as server:
        server.script(*[Reply(text="I would rather talk.")] * 12)
        found = found_at(workflow, server)["output"]
    assert found["state"] == "failed"
    assert "the reply is not what was asked for" in found["seen"]
    assert found["next"] == "try a model of 7B or more"


def test_a_server_that_refuses_schemas_is_asked_in_another_form(workflow: Run) -> None:
    refusal = Status(status=400, body={"error": "response_format json_schema is not supported"})
    with LmStudioServer() as server:
        server.script(refusal, Reply(text='{"word": "ready"}'))
        found = found_at(workflow, server)["output"]
    assert (found["state"], "only because the prompt asks for it" in found["seen"]) == ("ok", True)


def test_each_host_is_looked_at_for_itself(workflow: Run, tree: Path) -> None:
    """One that works does not hide one that does not; a model for a kind of question is looked for as well."""
    with LmStudioServer(loaded("a")) as first, LmStudioServer(loaded("a"), token=TOKEN) as second:
        chosen = {"base_url": first.base_url, "hosts": [second.base_url], "models_by_kind": {"code": "coder"}}
        (tree / "workflow.yaml").write_text(json.dumps({"lm_studio": chosen}))
        document = report_of(workflow("doctor", "--format", "json"))
    told = [(c["where"], c["state"]) for c in document["checks"] if c["id"] in ("model-server", "model-server.model")]
    assert told == [
        (first.label, "ok"),
        (f"{first.label} a", "ok"),
        (first.label, "failed"),
        (second.label, "failed"),
    ]
    seen = next(c for c in document["checks"] if c["where"] == second.label)
    assert seen["next"] == "set LM_API_TOKEN to a token of this server"


@pytest.mark.parametrize("listens", [True, False])
def test_a_server_that_nobody_named_is_no_failure(tmp_path: Path, listens: bool) -> None:
    """Where one listens at the usual address, what is wrong with it is worth a look; else there is none."""
    with LmStudioServer(ServedModel(key="big")) as server:
        # As if the usual address were this one: nothing says where the value came from.
        settings = Settings({"lm_studio.base_url": server.base_url}, {}, start=tmp_path)
        at = Surroundings(root=None, no_tree=None, settings=settings, faults=None, usable=settings)
        examination = Examination([CHECK], at, elapsed=time.monotonic)
        if not listens:
            server.stop()
        examination.look()
        asyncio.run(examination.wait())
    told = [(finding.id, finding.state.value) for finding in examination.findings]
    if listens:
        assert told == [("model-server", "ok"), ("model-server.model", "warning")]
    else:
        assert told == [("model-server", "skipped")]
        assert examination.findings[0].seen.text.endswith("everything works without")


def test_offline_nothing_is_contacted_and_secrets_are_in_no_output(workflow: Run, tree: Path) -> None:
    secret = "hush-hush-hush"
    configure(tree, words=fake("ok", env={"TOKEN": secret}))
    with LmStudioServer(token=TOKEN) as server:
        env = {"LM_STUDIO_BASE_URL": server.base_url, "LM_API_TOKEN": TOKEN, **TRUSTING}
        for options in (["--offline"], ["--offline", "--format", "json"]):
            done = workflow("doctor", *options, env=env)
            assert done.returncode == 0
            assert "network.offline" in done.stdout
        assert server.requests == []
        done = workflow("doctor", "--verbose", env=env)
        assert "answers in " in done.stdout
        assert "ok       MCP server words: answers after " in done.stdout
        assert "; 3 tools, 1 to use" in done.stdout
        (tree / "workflow.yaml").unlink()
        wrong = workflow("doctor", "--verbose", env={**env, "LM_API_TOKEN": "sk-wrong-but-secret"})
        assert "status 401" in wrong.stdout
    for said in (done, wrong):
        assert all(word not in said.stdout + said.stderr for word in (TOKEN, secret, "sk-wrong-but-secret"))


# -- MCP servers --------------------------------------------------------------------------------------------------------


def test_a_server_nobody_approved_is_not_started(workflow: Run, tree: Path) -> None:
    """The command that approves it is named."""
    state = tree / "state"
    configure(tree, words=fake("stays", env={"MCP_FAKE_STATE": str(state)}), off={"command": "x", "enabled": False})
    done = workflow("doctor", "--format", "json")
    found = tools_of(done)
    assert done.returncode == 0
    assert (found["words"]["state"], found["words"]["next"]) == ("warning", "workflow mcp approve words")
    assert found["words"]["seen"] == "nobody approved it yet, so it was not started"
    assert found["off"]["state"] == "skipped"
    assert not state.exists()


def test_what_changed_since_it_was_approved(workflow: Run, tree: Path) -> None:
    """Named, with the command; where approvals do not count at all, that is told once."""
    pytest.importorskip("mcp")
    state = tree / "state"
    configure(tree, shifty=fake("shifty", env={"MCP_FAKE_STATE": str(state)}))
    assert workflow("mcp", "approve", "shifty", "--yes").returncode == 0
    state.write_text("1")
    before = traces(tree / ".workflow")
    done = workflow("doctor", "--format", "json")
    found = tools_of(done)["shifty"]
    assert done.returncode == 0
    assert found["state"] == "warning"
    assert found["seen"].endswith("; 2 tools, 0 to use; changed since the approval: lookup_word")
    assert found["next"] == "workflow mcp approve shifty shows them and asks"
    assert traces(tree / ".workflow") == before
    elsewhere = report_of(workflow("doctor", "--format", "json", env={"XDG_STATE_HOME": str(tree / "other")}))
    (approvals,) = (check for check in elsewhere["checks"] if check["id"] == "mcp-server.approvals")
    assert "was not made by this account" in approvals["seen"]


def test_servers_that_fail_are_waited_for_at_once_and_leave_nothing(workflow: Run, tree: Path) -> None:
    """Each for its own reason; what they say on stderr is neither shown nor kept."""
    pytest.importorskip("mcp")
    hanging = {f"hangs{number}": fake("silent") for number in range(3)}
    configure(
        tree,
        connect_timeout=1,
        dead=fake("dies at once"),
        missing={"command": "no-such-program-here"},
        unset=fake("ok", env={"A": "${NO_SUCH_VARIABLE}"}),
        **hanging,
    )
    started = time.monotonic()
    done = workflow("doctor", "--format", "json", env=TRUSTING)
    taken = time.monotonic() - started
    found = tools_of(done)
    assert taken < sum(check["milliseconds"] for check in found.values()) / 1000, "as if one after the other"
    assert done.returncode == 1
    assert {check["state"] for check in found.values()} == {"failed"}
    assert all(
        found[name]["seen"] == "it did not start to answer in time (1 s, mcp.connect_timeout)" for name in hanging
    )
    assert found["dead"]["seen"] == "the connection closed"
    assert found["dead"]["next"].startswith("workflow mcp tools dead ")
    assert found["missing"]["seen"] == "no such file or program: no-such-program-here"
    assert found["unset"]["seen"].startswith("${NO_SUCH_VARIABLE} has no value")
    assert "my database" not in done.stdout + done.stderr
    assert not (tree / ".workflow").exists()


def test_a_file_of_servers_that_cannot_be_read(workflow: Run, tree: Path) -> None:
    (tree / "workflow.yaml").write_text("mcp:\n  file: servers.json\n")
    done = workflow("doctor", "-q")
    assert done.returncode == 1
    assert "failed   MCP server: " in done.stdout
    assert "servers.json: cannot read: No such file or directory" in done.stdout
    assert "next: name another file in mcp.file, or correct this one\n" in done.stdout


# -- signals ------------------------------------------------------------------------------------------------------------


def test_ctrl_c_leaves_no_server_behind(environment: dict[str, str], tree: Path) -> None:
    """A model server that hangs is let go of; a program that waits for nothing that this one does is ended."""
    pytest.importorskip("mcp")
    state = tree / "state"
    sleeps = "import os, sys, time; open(sys.argv[1], 'w').write(f'{os.getpid()}\\n'); time.sleep(600)"
    configure(tree, d={"command": sys.executable, "args": ["-c", sleeps, str(state)]})
    with LmStudioServer() as server:
        server.script(Hang())
        process = subprocess.Popen(
            [sys.executable, "-m", "workflow_cli", "doctor", "--format", "json"],
            cwd=tree,
            env={**environment, **TRUSTING, "LM_STUDIO_BASE_URL": server.base_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.wait_until(lambda: server.under_way == 1)
        while not (state.exists() and state.read_text().endswith("\n")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
        assert process.returncode == json.loads(said)["exit_code"] == 130, errors
        assert "Traceback" not in errors
        assert server.wait_until(lambda: server.under_way == 0)
    assert not is_running(int(state.read_text()))
