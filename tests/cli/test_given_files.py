"""Files that a person names, and stdin: read no further than a document may be long."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from trees import add_change, add_spec

Run = Callable[..., subprocess.CompletedProcess[str]]

READ = [
    ("update", "--edits"),
    ("update", "add-receipts", "--append-section", "Why", "--file"),
    ("propose", "Refund orders", "--from-file"),
    ("questions", "import"),
    ("questions", "answer", "q1", "--file"),
    ("ask", "--no-queue", "--batch"),
]


@pytest.fixture
def limited(tree: Path) -> Path:
    add_spec(tree)
    add_change(tree)
    (tree / "workflow.yaml").write_text("limits: {max_file_bytes: 5000}\n")
    return tree


def all_files(root: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() for path in root.rglob("*") if path.is_file() and ".workflow" not in path.parts
    }


@pytest.mark.parametrize("arguments", READ, ids=" ".join)
def test_no_more_is_read_than_a_document_may_be_long(limited: Path, workflow: Run, arguments: tuple[str, ...]) -> None:
    """One clear error with the name of the limit, from stdin and from a file alike, and nothing is written."""
    large = limited / "large.txt"
    large.write_text("x" * 5001)
    before = all_files(limited)
    for name, where in (("-", "stdin"), ("large.txt", "large.txt")):
        with large.open() as stdin:
            done = workflow(*arguments, name, stdin=stdin)
        assert (done.returncode, done.stdout) == (3, ""), done.stderr
        assert done.stderr == (
            f"error: larger than 5000 bytes\n  {where}\n  next: split it, or raise limits.max_file_bytes\n"
        )
    assert all_files(limited) == before


@pytest.mark.parametrize("arguments", READ, ids=" ".join)
def test_what_never_ends_is_not_read_to_its_end(limited: Path, workflow: Run, arguments: tuple[str, ...]) -> None:
    end, start = os.pipe()
    try:
        os.write(start, b"x" * 5001)
        done = workflow(*arguments, "-", stdin=end)
    finally:
        os.close(end)
        os.close(start)
    assert done.returncode == 3
    assert "limits.max_file_bytes" in done.stderr


def test_what_is_just_as_long_as_allowed_is_read(limited: Path, workflow: Run) -> None:
    edits = limited / "edits.json"
    edits.write_text(json.dumps([{"op": "check-task", "path": "add-receipts/tasks.md", "task": "1.1"}]).ljust(5000))
    with edits.open() as stdin:
        done = workflow("update", "--edits", "-", stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert "[x] 1.1" in (limited / "openspec/changes/add-receipts/tasks.md").read_text()
