"""`workflow init`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workflow_cli.settings.describe import commented_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

    Run = Callable[..., CompletedProcess[str]]


def test_it_writes_the_commented_file_beside_openspec(workflow: Run, tree: Path) -> None:
    """From any directory of the tree; it says what it wrote and what comes next."""
    done = workflow("init", cwd=tree / "openspec" / "specs")
    assert (done.returncode, done.stdout) == (0, "wrote workflow.yaml\n")
    assert done.stderr == "next: workflow process --all\n"
    assert (tree / "workflow.yaml").read_text() == commented_file()


def test_a_fresh_file_is_accepted_by_every_command(workflow: Run) -> None:
    """What it wrote changes nothing."""
    workflow("init")
    assert "workflow.yaml" not in workflow("config", "show", "--origin").stdout


def test_an_existing_file_is_left_alone(workflow: Run, tree: Path) -> None:
    """Status 5, and not a byte changes."""
    (tree / "workflow.yaml").write_bytes(b"# mine\r\n")
    done = workflow("init")
    assert (done.returncode, done.stdout) == (5, "")
    assert "--force" in done.stderr
    assert (tree / "workflow.yaml").read_bytes() == b"# mine\r\n"


def test_force_keeps_what_was_there(workflow: Run, tree: Path) -> None:
    """Every time under a name of its own."""
    (tree / "workflow.yaml").write_text("# first\n")
    assert "kept the old one as workflow.yaml.bak\n" in workflow("init", "--force").stdout
    document = json.loads(workflow("init", "--force", "--format", "json").stdout)
    assert (document["written"], document["kept"]) == (["workflow.yaml"], "workflow.yaml.bak1")
    assert (tree / "workflow.yaml.bak").read_text() == "# first\n"
    assert (tree / "workflow.yaml.bak1").read_text() == commented_file()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, b".workflow/\n"),
        (b"build/\n", b"build/\n.workflow/\n"),
        (b"build/", b"build/\n.workflow/\n"),
        (b"build/\r\nx", b"build/\r\nx\r\n.workflow/\r\n"),
        (b"/.workflow\n", b"/.workflow\n"),
        (b".workflow/\nx", b".workflow/\nx"),
    ],
)
def test_git_is_told_to_ignore_the_state(workflow: Run, tree: Path, before: bytes | None, after: bytes) -> None:
    """Once, in the line ends of the file."""
    (tree / ".git").mkdir()
    if before is not None:
        (tree / ".gitignore").write_bytes(before)
    done = workflow("init")
    assert (tree / ".gitignore").read_bytes() == after
    assert ("wrote .gitignore" in done.stdout) == (before != after)


def test_nothing_is_written_through_a_link(workflow: Run, tree: Path, tmp_path: Path) -> None:
    """A clone may bring one that leads to a file of the person's own."""
    (tree / ".git").mkdir()
    mine = tmp_path / "profile"
    mine.write_text("export A=1\n")
    (tree / ".gitignore").symlink_to(mine)
    done = workflow("init")
    assert (done.returncode, done.stdout) == (0, "wrote workflow.yaml\n")
    assert mine.read_text() == "export A=1\n"


def test_without_git_no_gitignore_is_made(workflow: Run, tree: Path) -> None:
    """Nothing that no program would read."""
    workflow("init")
    assert not (tree / ".gitignore").exists()


def test_without_a_tree_it_says_so(workflow: Run, tmp_path: Path) -> None:
    """Status 3 and the command that makes a tree."""
    done = workflow("init", cwd=tmp_path)
    assert done.returncode == 3
    assert "openspec init" in done.stderr
    assert not (tmp_path / "workflow.yaml").exists()
