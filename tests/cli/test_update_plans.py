"""`workflow update --plan` and `--apply`: plans that travel, are edited, or meet other documents than they were made for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.trees import SPEC

TASKS = "## 1. Build\n\n- [ ] 1.1 Write it\n- [ ] 1.2 Test it\n"
Manipulate = Callable[[dict[str, Any]], None]


@pytest.fixture
def tasks(tree: Path) -> Path:
    """The tasks of the only change, beside the spec of `auth`."""
    (tree / "openspec/specs/auth").mkdir()
    (tree / "openspec/specs/auth/spec.md").write_text(SPEC.format(id="auth"))
    file = tree / "openspec/changes/add-login/tasks.md"
    file.parent.mkdir(parents=True)
    file.write_text(TASKS)
    return file


@pytest.fixture
def plan(workflow: Run, tree: Path, tasks: Path) -> Path:
    """A plan that ticks a task."""
    assert workflow("update", "add-login", "--check-task", "1.1", "--plan", "plan.json").returncode == 0
    return tree / "plan.json"


def test_a_plan_applied_twice_changes_nothing_whatever_came_between(workflow: Run, tasks: Path, plan: Path) -> None:
    """A job that is run again after somebody ticked another task is no conflict."""
    assert workflow("update", "--apply", plan).returncode == 0
    assert workflow("update", "add-login", "--check-task", "1.2").returncode == 0
    again = workflow("update", "--apply", plan)
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "unchanged: openspec/changes/add-login/tasks.md: the plan was carried out already\n"
    assert tasks.read_text() == TASKS.replace("[ ]", "[x]")


def test_a_document_that_is_gone_is_named(workflow: Run, tasks: Path, plan: Path) -> None:
    """Not an address in it that cannot be found."""
    tasks.unlink()
    stale = workflow("update", "--apply", plan)
    assert stale.returncode == 5
    assert "the document is not there any more" in stale.stderr
    assert "\n  openspec/changes/add-login/tasks.md\n" in stale.stderr
    assert not tasks.exists()


def _twice(document: dict[str, Any]) -> None:
    document["files"] *= 2


def _half_a_pair(document: dict[str, Any]) -> None:
    document["files"][0]["operations"][0]["task"] = "1.1 \ud800"


def _other_changes(document: dict[str, Any]) -> None:
    document["files"][0]["changes"][0]["new"] = "looks harmless"


def _other_text(document: dict[str, Any]) -> None:
    document["files"][0]["text"] += "- [ ] 1.3 Ship it\n"


def _leading_out(document: dict[str, Any]) -> None:
    document["files"][0]["path"] = "openspec/../../outside/tasks.md"


@pytest.mark.parametrize(
    ("manipulate", "status", "said"),
    [
        (_twice, 2, "it names a document twice"),
        (_half_a_pair, 2, "half of a surrogate pair"),
        (_other_changes, 5, "a plan file is not to be edited"),
        (_other_text, 5, "a plan file is not to be edited"),
        (_leading_out, 2, "a damaged plan: path"),
    ],
)
def test_an_edited_plan_is_refused(
    workflow: Run, tasks: Path, plan: Path, manipulate: Manipulate, status: int, said: str
) -> None:
    """What people read in a plan is what it does, and the document is as it was."""
    document = json.loads(plan.read_text())
    manipulate(document)
    plan.write_text(json.dumps(document))
    refused = workflow("update", "--apply", plan)
    assert refused.returncode == status, refused.stderr
    assert said in refused.stderr
    assert tasks.read_text() == TASKS


@pytest.mark.parametrize("length", [0, 1, 200])
def test_a_plan_that_was_cut_off_is_refused(workflow: Run, tasks: Path, plan: Path, length: int) -> None:
    """With what to do about it."""
    plan.write_bytes(plan.read_bytes()[:length])
    refused = workflow("update", "--apply", plan)
    assert refused.returncode == 2
    assert "no plan" in refused.stderr
    assert "next: make the plan again" in refused.stderr
    assert tasks.read_text() == TASKS


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_plan_keeps_line_ends_and_marks(workflow: Run, tree: Path, tasks: Path, start: str, end: str) -> None:
    """In another place of the document than the one somebody edits in between."""
    tasks.write_bytes((start + TASKS).replace("\n", end).encode())
    assert workflow("update", "add-login", "--check-task", "1.1", "--plan", "plan.json").returncode == 0
    tasks.write_bytes(tasks.read_bytes().replace(b"Test it", b"Test it well"))
    expected = tasks.read_bytes().replace(b"[ ] 1.1", b"[x] 1.1")
    assert workflow("update", "--apply", "plan.json").returncode == 0
    assert tasks.read_bytes() == expected


@pytest.mark.parametrize("place", ["/dev/stdout", "openspec"])
def test_a_plan_needs_a_file_to_be_saved_in(workflow: Run, tasks: Path, place: str) -> None:
    """Looking whether a pipe holds an older plan would wait for ever."""
    refused = workflow("update", "add-login", "--check-task", "1.1", "--plan", place)
    assert refused.returncode == 3
    assert refused.stderr == f"error: is no file\n  {place}\n  next: name a file, new or old\n"


@pytest.mark.parametrize(
    "edits",
    [
        [{"op": "add-task", "text": "half \ud800", "group": "Build"}],
        [{"op": "add-task", "path": "add-\udfff", "text": "half", "group": "Build"}],
        {"performance": ["half \ud800"]},
        {"add_\ud800": True},
    ],
)
def test_half_a_surrogate_pair_is_no_text(workflow: Run, tree: Path, tasks: Path, edits: object) -> None:
    """JSON can say it, and no document can hold it."""
    (tree / "edits.json").write_text(json.dumps(edits))
    refused = workflow("update", "add-login", "--edits", "edits.json")
    assert refused.returncode == 2, refused.stderr
    assert tasks.read_text() == TASKS


def test_a_plan_that_is_not_there(tree: Path, workflow: Run) -> None:
    done = workflow("update", "--apply", "plan.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no such file" in done.stderr
    assert "next: workflow update … --plan FILE writes one" in done.stderr
