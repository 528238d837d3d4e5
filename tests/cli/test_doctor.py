"""`workflow doctor`: what it looks at on this machine; servers are in test_doctor_servers."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import REPOSITORY, Run, environment_at
from tests.cli.running import run_command
from tests.cli.test_start_up import HEAVY, loaded_by
from tests.cli.trees import add_change, add_spec, write
from tests.faults.scenarios import FILES
from tests.rights import only_what_modes_allow
from workflow_cli.adapters.tree_lock import TreeLock

SCHEMA = Draft202012Validator(
    json.loads((REPOSITORY / "workflow_cli/schemas/doctor-report.schema.json").read_text("utf-8"))
)
ADA = ("--as", "Ada <ada@example.org>")
#: A model server may run at the usual address of this machine.
NOBODY = {"WORKFLOW_NETWORK__OFFLINE": "true"}

#: A process that writes into a database and is killed before it brings its log home.
LEAVES_A_LOG = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("CREATE TABLE left_behind (x)")
os._exit(0)
"""


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one document, which its schema describes and its exit status agrees with."""
    document: dict[str, Any] = json.loads(done.stdout)
    SCHEMA.validate(document)
    assert document["exit_code"] == done.returncode
    states = [check["state"] for check in document["checks"]]
    assert document["summary"] == {state: states.count(state) for state in ("ok", "warning", "failed", "skipped")}
    return document


def checks(workflow: Run, *options: str | Path, **words: Any) -> dict[str, dict[str, Any]]:
    """The checks of a run by id; of several with one id, the last."""
    done = workflow("doctor", "--format", "json", *options, **{"env": NOBODY, **words})
    return {check["id"]: check for check in report_of(done)["checks"]}


def traces(root: Path) -> dict[str, tuple[bytes, int]]:
    found = {}
    for path in sorted(root.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[path.relative_to(root).as_posix()] = (content, state.st_mtime_ns)
    return found


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


# -- a tree in order, and none ------------------------------------------------------------------------------------------


def test_a_tree_in_order(workflow: Run, tree: Path) -> None:
    """Every line says how it is; nothing is left behind, not even the state directory."""
    add_spec(tree)
    add_change(tree)
    before = traces(tree)
    done = workflow("doctor", env=NOBODY)
    assert done.returncode == 0, done.stdout
    assert f"ok       Tree {tree.resolve()}: 1 spec and 1 change, all of which can be read\n" in done.stdout
    assert (
        "ok       State directory .workflow: not there yet; the first command that needs it makes it\n" in done.stdout
    )
    assert "skipped  Model server 127.0.0.1:1234: network.offline is on: no server is contacted\n" in done.stdout
    assert done.stderr.startswith("ok: ")
    assert traces(tree) == before


def test_the_document(workflow: Run, tree: Path) -> None:
    add_spec(tree)
    document = report_of(workflow("doctor", "--format", "json", env=NOBODY))
    assert (document["status"], document["root"]) == ("ok", str(tree.resolve()))
    assert [entry["what"] for entry in document["degraded"]] == ["model-server", "mcp-server"]
    assert not SCHEMA.is_valid({**document, "unknown": 1})
    assert {"versions", "tree", "settings", "permissions", "state", "state.disk", "databases", "history"} <= {
        check["id"] for check in document["checks"]
    }


def test_an_empty_tree_says_how_to_begin(workflow: Run, tree: Path) -> None:
    found = checks(workflow)["tree"]
    assert (found["state"], found["seen"]) == ("ok", "0 specs and 0 changes, all of which can be read")
    assert found["next"].startswith("workflow propose ")


def test_quiet_prints_what_is_worth_a_look_and_nothing_else(workflow: Run, tree: Path) -> None:
    done = workflow("doctor", "--quiet", env=NOBODY)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    write(tree / "workflow.yaml", "process:\n  strickt: true\n")
    done = workflow("doctor", "--quiet", env=NOBODY)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "failed   Settings workflow.yaml:2: unknown key process.strickt, nearest is process.strict",
        "         next: mend it there; `workflow config schema` describes every key",
    ]


def test_verbose_tells_how_long_each_look_took(workflow: Run, tree: Path) -> None:
    lines = workflow("doctor", "--verbose", env=NOBODY).stdout.splitlines()
    assert all(line.endswith(" ms]") for line in lines if not line.startswith(" "))


@pytest.mark.parametrize("named", [[], ["--root", "missing"]])
def test_without_a_tree_it_says_how_to_begin_and_looks_at_the_rest(
    workflow: Run, tmp_path: Path, named: list[str]
) -> None:
    """It could not be evaluated, so it is no success; and no mere failure either."""
    done = workflow("doctor", *named, cwd=tmp_path, env=NOBODY)
    assert done.returncode == 3
    assert "what belongs to a tree was not looked at\n         next: `openspec init`" in done.stdout
    assert "ok       Versions: workflow " in done.stdout
    document = report_of(workflow("doctor", *named, "--format", "json", cwd=tmp_path, env=NOBODY))
    assert (document["status"], document["root"]) == ("error", None)
    ids = {check["id"] for check in document["checks"]}
    assert {"settings", "git", "model-server"} <= ids
    assert ids.isdisjoint({"permissions", "state", "history", "loop"})


def test_nothing_heavy_is_loaded_where_nothing_is_configured(environment: dict[str, str], tree: Path) -> None:
    add_spec(tree)
    loaded = loaded_by(["doctor", "--offline", "--root", str(tree)], environment)
    assert loaded.isdisjoint(HEAVY)


# -- settings -----------------------------------------------------------------------------------------------------------


def test_wrong_settings_are_told_fault_by_fault_and_everything_else_is_looked_at(workflow: Run, tree: Path) -> None:
    """Servers are not contacted: which may be is a setting, too."""
    add_spec(tree)
    write(tree / "workflow.yaml", "process:\n  strickt: true\n  max_questions: 9\n")
    document = report_of(workflow("doctor", "--format", "json"))
    assert document["exit_code"] == 1
    assert [(c["where"], c["seen"].partition(",")[0]) for c in document["checks"] if c["id"] == "settings"] == [
        ("workflow.yaml:2", "unknown key process.strickt"),
        ("workflow.yaml:3", "process.max_questions: expected a whole number from 0 to 5"),
    ]
    by_id = {check["id"]: check for check in document["checks"]}
    assert by_id["tree"]["seen"].startswith("1 spec")
    for server in ("model-server", "mcp-server"):
        assert (by_id[server]["state"], "settings are wrong" in by_id[server]["seen"]) == ("skipped", True)


def test_where_settings_come_from(workflow: Run, tree: Path) -> None:
    write(tree / "workflow.yaml", "process:\n  strict: true\n  max_questions: 3\n")
    seen = checks(workflow)["settings"]["seen"]
    assert seen == "valid; 2 from workflow.yaml, 1 from environment WORKFLOW_NETWORK__OFFLINE"


def test_a_file_of_settings_that_is_not_there(workflow: Run, tree: Path) -> None:
    found = checks(workflow, "--config", "missing.yaml")["settings"]
    assert (found["state"], found["where"]) == ("failed", "--config")


# -- permissions --------------------------------------------------------------------------------------------------------


def test_a_tree_that_cannot_be_written(workflow: Run, tree: Path) -> None:
    """Told with the first place and how many there are; checking goes on."""
    spec = add_spec(tree)
    spec.chmod(0o444)
    spec.parent.chmod(0o555)
    tree.chmod(0o555)
    try:
        with only_what_modes_allow():
            found = checks(workflow)
    finally:
        tree.chmod(0o755)
        spec.parent.chmod(0o755)
    assert found["permissions"]["state"] == found["state"]["state"] == "failed"
    assert found["permissions"]["where"] == "openspec/specs/auth"
    assert "and 1 more" in found["permissions"]["seen"]
    assert found["permissions"]["next"].startswith("chmod -R u+w openspec")
    assert "cannot be made" in found["state"]["seen"]


def test_documents_that_cannot_be_read(workflow: Run, tree: Path) -> None:
    """Each with the reason; of many, the first."""
    add_spec(tree, "auth").chmod(0)
    (tree / "openspec/specs/mail/spec.md").mkdir(parents=True)
    (add_change(tree) / "proposal.md").unlink()
    (tree / "openspec/changes/add-receipts/proposal.md").symlink_to("/etc/hostname")
    with only_what_modes_allow():
        document = report_of(workflow("doctor", "--format", "json", env=NOBODY))
    told = {c["where"]: c for c in document["checks"] if c["id"] == "tree.document"}
    assert told.keys() == {
        "openspec/specs/auth/spec.md",
        "openspec/specs/mail/spec.md",
        "openspec/changes/add-receipts/proposal.md",
    }
    assert "Permission denied" in told["openspec/specs/auth/spec.md"]["seen"]
    assert told["openspec/changes/add-receipts/proposal.md"]["next"] == "replace the link by the file itself"
    for number in range(20):
        (tree / f"openspec/specs/s{number}/spec.md").mkdir(parents=True)
    lines = workflow("doctor", "-q", env=NOBODY).stdout.splitlines()
    assert "failed   Document: 12 more cannot be read" in lines or "failed   Document: 13 more cannot be read" in lines


def test_keys_and_texts_that_others_can_read(workflow: Run, tree: Path, environment: dict[str, str]) -> None:
    """A key proves nothing then; texts are worth a warning. Both with the command."""
    workflow("update", "--help")
    key = write(Path(environment["HOME"]) / ".local/state/workflow/approval.key", "k" * 32)
    write(tree / ".workflow/questions.db", "")
    key.chmod(0o640)
    (tree / ".workflow/questions.db").chmod(0o644)
    lines = workflow("doctor", "-q", env=NOBODY).stdout
    assert f"failed   Private files {key}: others can read it, so it proves nothing\n" in lines
    assert f"next: chmod go-rwx {key}\n" in lines
    assert "warning  Private files .workflow/questions.db: others can read it; it holds texts and names\n" in lines
    key.chmod(0o600)
    (tree / ".workflow/questions.db").chmod(0o600)
    assert checks(workflow)["private"]["state"] == "ok"


# -- state --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def worked_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with a history, a record of steps, questions and events."""
    place = tmp_path_factory.mktemp("worked-in")
    tree, environment = place / "tree", {**environment_at(place / "home"), **NOBODY}
    add_spec(tree)
    add_change(tree)
    for status, arguments in (
        (0, ("update", "add-receipts", "--check-task", "1.1", *ADA)),
        (0, ("process", "auth")),
        (4, ("ask", "Which zebra sings?")),
    ):
        done = run_command(*arguments, cwd=tree, env=environment)
        assert done.returncode == status, done.stdout + done.stderr
    return tree


@pytest.fixture
def used(worked_in: Path, tree: Path) -> Path:
    shutil.copytree(worked_in, tree, dirs_exist_ok=True)
    return tree


def test_a_tree_that_was_worked_in(workflow: Run, used: Path) -> None:
    """All of it is whole, and stays byte for byte as it was."""
    before = traces(used)
    found = checks(workflow)
    assert found["databases"]["seen"] == "whole: state.db, questions.db"
    assert found["history"]["seen"].startswith("whole, ")
    assert found["events"]["seen"].endswith(" lines looked at, all of them events")
    assert found["private"]["state"] == "ok"
    assert traces(used) == before


def test_databases_that_are_damaged(workflow: Run, used: Path) -> None:
    """What is made again is a warning; what people wrote is not."""
    state = used / ".workflow"
    for name in ("state.db", "questions.db"):
        (state / name).write_bytes(b"no database at all" * 500)
    before = traces(used)
    lines = workflow("doctor", "-q", env=NOBODY).stdout.splitlines()
    assert lines == [
        "warning  Databases .workflow/state.db: damaged: file is not a database",
        "         next: nothing has to be done: the next command that uses it begins it anew",
        "failed   Databases .workflow/questions.db: damaged: file is not a database",
        "         next: put a copy of it in its place, or move it away to begin anew",
    ]
    assert traces(used) == before


def test_a_history_that_was_tampered_with(workflow: Run, used: Path) -> None:
    with closing(sqlite3.connect(used / ".workflow/history.db", isolation_level=None)) as database:
        database.execute("UPDATE revision SET body = replace(body, 'Ada', 'Eve')")
    found = checks(workflow)["history"]
    assert found["state"] == "failed"
    assert "is not what was recorded" in found["seen"]
    assert found["next"].startswith("workflow history verify ")
    assert workflow("history", "verify").returncode == 1, "as the command that is named says"


def test_a_commit_that_was_cut_off_waits(workflow: Run, tree: Path) -> None:
    """It is left as it is; the command that is named finishes it."""
    for path, data in FILES.items():
        write(tree / path, data.decode())
    subprocess.run([sys.executable, "-m", "tests.faults.cut_off", str(tree)], cwd=REPOSITORY)
    before = traces(tree)
    found = checks(workflow)["history.commit"]
    assert (found["state"], found["seen"]) == ("warning", "the commit of revision 1 was cut off")
    assert found["next"].startswith("workflow history list")
    assert traces(tree) == before
    with TreeLock(tree / ".workflow", timeout=1).hold():
        found = checks(workflow)["history.commit"]
        assert (found["state"], found["seen"]) == ("ok", "revision 1 is being written right now")
    assert workflow("history", "list").returncode == 0
    assert "history.commit" not in checks(workflow)


@pytest.mark.parametrize(("name", "id"), [("history.db", "history"), ("questions.db", "databases")])
def test_a_log_that_cannot_be_read_without_writing(workflow: Run, used: Path, name: str, id: str) -> None:
    """As where only some files of the state were copied. Nobody is told of damage that there is not."""
    subprocess.run([sys.executable, "-c", LEAVES_A_LOG, str(used / ".workflow" / name)], check=True)
    (used / ".workflow" / f"{name}-shm").unlink()
    before = traces(used)
    found = checks(workflow)[id]
    assert (found["state"], "without writing" in found["seen"]) == ("warning", True)
    assert traces(used) == before


def test_a_history_of_a_newer_version(workflow: Run, used: Path) -> None:
    with closing(sqlite3.connect(used / ".workflow/history.db")) as database:
        database.execute("PRAGMA user_version=99")
    found = checks(workflow)["history"]
    assert (found["state"], found["next"]) == ("failed", "update workflow")


def test_lines_of_the_log_that_are_none(workflow: Run, used: Path) -> None:
    log = used / ".workflow/metrics.jsonl"
    whole = len(log.read_text().splitlines())
    with log.open("a") as file:
        file.write('{"torn": \n[]\n{"no": "kind"}\n')
    found = checks(workflow)["events"]
    assert (found["state"], found["seen"]) == ("warning", f"3 of {whole + 3} lines are no events")
    log.unlink()
    os.mkfifo(log)
    found = checks(workflow)["events"]
    assert (found["state"], found["seen"]) == ("failed", "not a regular file")


@pytest.mark.parametrize("name", ["history.db", "state.db", "questions.db", "ledger.jsonl"])
def test_what_never_ends_in_the_place_of_state_holds_nothing_up(workflow: Run, tree: Path, name: str) -> None:
    (tree / ".workflow").mkdir()
    os.mkfifo(tree / ".workflow" / name)
    done = workflow("doctor", "-q", env=NOBODY)
    assert done.returncode == 1
    assert (
        f"failed   {'Loop' if name == 'ledger.jsonl' else 'History' if name == 'history.db' else 'Databases'}"
        in done.stdout
    )
    assert f".workflow/{name}" in done.stdout


def test_a_state_directory_that_is_a_link(workflow: Run, used: Path, tmp_path: Path) -> None:
    """Nothing is looked at through it."""
    shutil.move(used / ".workflow", tmp_path / "elsewhere")
    (used / ".workflow").symlink_to(tmp_path / "elsewhere")
    found = checks(workflow)
    assert found["state"]["state"] == "failed"
    assert found.keys().isdisjoint({"databases", "history", "events", "loop"})


def test_a_loop_that_was_stopped_and_one_that_does_not_trust_itself(workflow: Run, tree: Path) -> None:
    """As `loop status` says; a person's stop is no fault."""
    assert workflow("loop", "stop", "--because", "release week", env=NOBODY).returncode == 0
    found = checks(workflow)["loop"]
    assert (found["state"], "release week" in found["seen"]) == ("ok", True)
    ledger = tree / ".workflow/ledger.jsonl"
    ledger.write_text(ledger.read_text().replace("release week", "nothing at all"))
    found = checks(workflow)["loop"]
    assert found["state"] == "failed"
    assert found["next"].startswith("workflow loop status")
    assert workflow("loop", "status", env=NOBODY).returncode == 1


# -- git ----------------------------------------------------------------------------------------------------------------


def test_a_merge_under_way_and_state_that_git_takes(workflow: Run, used: Path) -> None:
    git(used, "init", "-q")
    git(used, "add", ".")
    git(used, "commit", "-qm", "begin")
    found = checks(workflow)
    assert found["git"]["seen"].endswith(", on branch main")
    assert found["git.ignored"]["state"] == "ok"
    head = subprocess.check_output(["git", "-C", str(used), "rev-parse", "HEAD"])
    (used / ".git/MERGE_HEAD").write_bytes(head)
    (used / ".workflow/.gitignore").unlink()
    found = checks(workflow)
    assert found["git"]["state"] == "warning"
    assert "in the middle of a merge" in found["git"]["seen"]
    assert found["git"]["next"] == "git merge --continue, or --abort"
    assert (found["git.ignored"]["state"], found["git.ignored"]["seen"]) == ("warning", "git does not ignore it")
    git(used, "add", ".workflow/state.db")
    found = checks(workflow)["git.ignored"]
    assert (found["state"], found["next"]) == ("warning", "git rm -r --cached .workflow")


def test_without_git(environment: dict[str, str], tree: Path) -> None:
    """It is missed in a checkout only."""
    without = {**environment, **NOBODY, "PATH": str(tree / "bin")}

    def seen() -> tuple[str, str]:
        done = run_command("doctor", "--format", "json", cwd=tree, env=without)
        found = next(check for check in report_of(done)["checks"] if check["id"] == "git")
        return found["state"], found["seen"]

    assert seen() == ("ok", "not found, and not needed")
    (tree / ".git").mkdir()
    assert seen()[0] == "warning"
