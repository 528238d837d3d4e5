"""Files of `.workflow/` that were cut off: what is gone is said once, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import add_change, add_spec, write

from tests.cli.conftest import Run

TICK = ("update", "add-receipts", "--check-task")


@pytest.fixture
def shop(tree: Path, workflow: Run) -> Path:
    """With one revision, a draft that waits, and a question that nobody could answer."""
    add_spec(tree)
    write(add_change(tree) / "tasks.md", "## 1. Build\n\n- [ ] 1.1 Write it\n- [ ] 1.2 Test it\n")
    assert workflow(*TICK, "1.1").returncode == 0
    assert workflow("ask", "How far away is the moon?").returncode == 4
    return tree


def test_a_history_that_was_cut_off_is_told_of_until_a_new_one_begins(shop: Path, workflow: Run) -> None:
    """Reading makes no new one, so that a copy can still be put in its place."""
    history = shop / ".workflow/history.db"
    copy = history.read_bytes()
    history.write_bytes(b"")
    listed = workflow("history", "list")
    assert listed.returncode == 0
    assert "note: .workflow/history.db is empty: it was cut off, or a process was killed" in listed.stderr
    assert "put a copy of the file in its place" in listed.stderr
    assert history.read_bytes() == b""
    assert "history.db is empty" in workflow("history", "verify").stderr
    history.write_bytes(copy)
    assert workflow("history", "verify").returncode == 0
    history.write_bytes(b"")
    written = workflow(*TICK, "1.2")
    assert written.returncode == 0
    assert written.stderr.count("is empty") == 1
    again = workflow("history", "list")
    assert "is empty" not in again.stderr
    assert "check task 1.2" in again.stdout
    assert "[x] 1.1" in (shop / "openspec/changes/add-receipts/tasks.md").read_text()


@pytest.mark.parametrize("command", [("questions", "list"), ("ask", "How deep is the sea?")])
def test_questions_that_were_cut_off_are_told_of_once(shop: Path, workflow: Run, command: tuple[str, ...]) -> None:
    """And the next question is kept as ever; the history is as it was."""
    (shop / ".workflow/questions.db").write_bytes(b"")
    told = workflow(*command)
    assert told.stderr.count("note: .workflow/questions.db is empty") == 1
    assert "put a copy of the file in its place" in told.stderr
    assert "is empty" not in workflow("questions", "list").stderr
    assert workflow("ask", "How deep is the sea?").returncode == 4
    assert "How deep is the sea?" in workflow("questions", "list").stdout
    assert "is empty" not in workflow("history", "list").stderr


def test_where_nothing_was_ever_kept_nothing_is_told(tree: Path, workflow: Run) -> None:
    """A tree is not new and cut off at the same time."""
    add_spec(tree)
    for command in (("history", "list"), ("questions", "list")):
        assert "is empty" not in workflow(*command).stderr


def test_questions_are_exported_to_a_file(shop: Path, workflow: Run) -> None:
    """Looking whether a pipe holds answers already would wait for ever."""
    refused = workflow("questions", "export", "/dev/stdout")
    assert refused.returncode == 3
    assert "is no file" in refused.stderr
