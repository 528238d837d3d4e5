"""State that may not be read, such as another account's: no command takes it for state that is not there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from trees import SPEC, add_change, add_spec, write

from tests.cli.conftest import environment_at
from tests.cli.running import ForkServer
from tests.rights import only_what_modes_allow
from workflow_cli.cli.commands import COMMANDS

NONE_THERE = re.compile(
    r"no draft|no revision|no question|there (is|are|was) (none|no |neither)|none yet|nothing (is|was) (tried|there|kept)"
    r"|nobody approved|not approved|approve the servers|never|a bug in|Errno|Traceback|damaged|move it away|did nothing"
)
BECAUSE = ("--because", "so")
#: A requirement more than it needs: removing that takes a person.
LARGER = (
    SPEC
    + """
### Requirement: Sign out
The shop SHALL show the front page to whoever signed out.

#### Scenario: Sign out
- **WHEN** a customer signs out
- **THEN** the front page opens
"""
)
#: What looks into the state, and cannot do its work without it. The words in capitals are names of what is there.
REFUSED = [
    ("history",),
    ("history", "list", "--format", "json"),
    ("history", "show", "1"),
    ("history", "content", "HASH"),
    ("history", "blame", "--requirement", "Sign in"),
    ("history", "verify"),
    ("history", "undo", "1", *BECAUSE),
    ("review", "list"),
    ("review", "list", "--format", "json"),
    ("review", "show", "DRAFT"),
    ("review", "approve", "DRAFT", *BECAUSE),
    ("review", "reject", "DRAFT", *BECAUSE),
    ("review", "drop", "DRAFT"),
    ("review", "--check"),
    ("questions", "list"),
    ("questions", "list", "--all", "--changes"),
    ("questions", "show", "QUESTION"),
    ("questions", "answer", "QUESTION", "Far."),
    ("questions", "drop", "QUESTION"),
    ("questions", "export", "-"),
    ("ask", "--wrong", "QUESTION"),
    ("update", "add-receipts", "--check-task", "1.2", "--dry-run"),
    ("update", "add-receipts", "--check-task", "1.2"),
    ("archive", "add-receipts", "--dry-run"),
    ("archive", "undo", "add-receipts"),
    ("propose", "Send parcels by bicycle"),
    ("feedback",),
    ("feedback", "--fresh", "--format", "json"),
    ("feedback", "accept", "QUESTION", *BECAUSE),
    ("loop", "status"),
    ("loop", "history"),
    ("loop", "report"),
    ("loop", "--dry-run"),
    ("loop",),
    ("loop", "stop"),
    ("loop", "resume"),
    ("mcp", "tools"),
    ("mcp", "approve", "files", "--yes"),
    ("mcp", "approve", "files", "--revoke"),
]
#: What can do without, and says so.
DEGRADED = {
    ("process", "--all"): ("record",),
    ("ask", "What opens after the password?", "--offline"): ("cache", "experiment", "retrieval"),
}
#: These read none of it; `init` only looks whether git ignores it.
WITHOUT_STATE = {"init", "config"}
#: Goes on to what it looks at next.
LOOKS_AT_ALL = {"doctor"}


Run = Callable[..., subprocess.CompletedProcess[str]]


class Shop:
    """A tree with something in every file of its state; `run` is the command, by somebody whom modes stop."""

    def __init__(self, place: Path, nobody: ForkServer) -> None:
        self._nobody = nobody
        self._environment = environment_at(place / "home")
        self.root = place / "project"
        add_spec(self.root, text=LARGER)
        write(add_change(self.root) / "tasks.md", "## 1. Build\n\n- [ ] 1.1 Write it\n- [ ] 1.2 Test it\n")
        write(self.root / "workflow.yaml", "mcp: {servers: {files: {command: cat}}}\n")
        self._do(0, "update", "add-receipts", "--check-task", "1.1")
        self._do(4, "update", "auth", "--remove-requirement", "Sign out", *BECAUSE, "--yes")
        self._do(4, "ask", "How far away is the moon?", "--offline")
        self._do(0, "loop", "stop")
        self._do(0, "feedback")
        revision = json.loads(self._do(0, "history", "show", "1", "--format", "json"))["revision"]
        self.names = {
            "HASH": revision["files"][0]["after"],
            "DRAFT": json.loads(self._do(0, "review", "list", "--format", "json"))["drafts"][0]["id"],
            "QUESTION": json.loads(self._do(0, "questions", "list", "--format", "json"))["questions"][0]["id"],
        }
        for name in ("overlay.json", "mcp-pins.json"):
            write(self.root / ".workflow" / name, "{}")

    def run(self, *arguments: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        with open(os.devnull, "rb") as stdin:
            return self._nobody.run(arguments, cwd=at or self.root, env=self._environment, stdin=stdin, timeout=60)

    def _do(self, status: int, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == status, done
        return done.stdout


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with only_what_modes_allow():
        nobody = ForkServer()
    yield Shop(tmp_path_factory.mktemp("shop"), nobody)
    nobody.close()


@pytest.fixture(scope="module", params=["directory", "files"])
def foreign(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, shop: Shop) -> Iterator[Run]:
    """The command at a copy of the tree, of whose state nothing may be read."""
    root = tmp_path_factory.mktemp("foreign") / "project"
    shutil.copytree(shop.root, root)
    state = root / ".workflow"
    for path in [state] if request.param == "directory" else state.iterdir():
        path.chmod(0)
    yield lambda *arguments: shop.run(*(shop.names.get(argument, argument) for argument in arguments), at=root)
    for path in (state, state / "drafts"):
        path.chmod(0o700)


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_what_cannot_be_read_is_never_said_to_be_missing(foreign: Run, command: tuple[str, ...]) -> None:
    """What, where, and whose it is."""
    done = foreign(*command)
    assert done.returncode == 3, done
    assert not NONE_THERE.search(done.stdout + done.stderr), done
    if "json" in command:
        document = json.loads(done.stdout)
        assert (document["status"], document["exit_code"]) == ("error", 3)
        told: Mapping[str, Any] = document["error"]
        assert "Permission denied" in told["message"]
        assert ".workflow" in told["where"]
        assert "mend its permissions" in told["hint"]
    else:
        assert "Permission denied" in done.stderr
        assert ".workflow" in done.stderr
        assert "mend its permissions" in done.stderr


@pytest.mark.parametrize("command", DEGRADED, ids=lambda command: command[0])
def test_what_can_do_without_says_that_it_does(foreign: Run, command: tuple[str, ...]) -> None:
    """A cache costs time. An experiment under way that cannot be read is not taken part in."""
    done = foreign(*command, "--format", "json")
    assert done.returncode in (0, 4), done
    why = {entry["what"]: entry["why"] for entry in json.loads(done.stdout)["degraded"]}
    for what in DEGRADED[command]:
        assert "Permission denied" in why[what], why
        assert "Errno" not in why[what]


def test_the_doctor_tells_it_of_each(foreign: Run) -> None:
    """And calls nothing of it whole, or not begun."""
    done = foreign("doctor", "--offline", "--format", "json")
    assert done.returncode == 1, done
    checks = json.loads(done.stdout)["checks"]
    for name in ("history", "databases", "events", "loop"):
        told = [check for check in checks if check["id"] == name]
        assert {check["state"] for check in told} == {"failed"}, told
        assert all("Permission denied" in check["seen"] for check in told), told


def test_every_command_that_reads_state_is_looked_at() -> None:
    assert {command[0] for command in (*REFUSED, *DEGRADED)} | WITHOUT_STATE | LOOKS_AT_ALL == set(COMMANDS)


@pytest.mark.parametrize("command", [("review", "list"), ("review", "show", "abcd")])
def test_a_file_in_the_place_of_the_drafts_is_told(tree: Path, shop: Shop, command: tuple[str, ...]) -> None:
    """It may be another tool's; no draft waits in it, and none could."""
    add_spec(tree)
    write(tree / ".workflow/drafts", "")
    done = shop.run(*command, at=tree)
    assert done.returncode == 3
    assert "Not a directory" in done.stderr
    assert ".workflow/drafts" in done.stderr
    assert "next: move away what stands in its place" in done.stderr


def test_a_draft_that_may_not_be_read_stands_beside_those_that_may(tree: Path, shop: Shop) -> None:
    """They are listed, and the status says that something is missing."""
    for spec in ("auth", "mail"):
        add_spec(tree, spec, LARGER)
        done = shop.run("update", spec, "--remove-requirement", "Sign out", *BECAUSE, "--yes", at=tree)
        assert done.returncode == 4, done
    first, second = sorted((tree / ".workflow/drafts").glob("*.json"))
    first.chmod(0)
    listed = shop.run("review", "list", at=tree)
    document = json.loads(shop.run("review", "list", "--format", "json", at=tree).stdout)
    assert listed.returncode == document["exit_code"] == 3
    assert second.stem in listed.stdout
    assert f"{first.name}: cannot read: Permission denied" in listed.stderr
    assert [draft["id"] for draft in document["drafts"]] == [second.stem]
    assert document["status"] == "error"
