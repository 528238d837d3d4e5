"""`workflow init`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.rights import only_what_modes_allow
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


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kind", ["directory", "pipe", "not readable", "not writable"])
def test_a_gitignore_that_cannot_be_written_leaves_everything(
    workflow: Run, tree: Path, kind: str, force: bool
) -> None:
    """It is looked at first: no half of the work is done, and the error names the file and the next step."""
    (tree / ".git").mkdir()
    path = tree / ".gitignore"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_text("build/\n")
        path.chmod(0o200 if kind == "not readable" else 0o400)
    if force:
        (tree / "workflow.yaml").write_text("# mine\n")
    before = sorted(tree.iterdir())
    with only_what_modes_allow():
        done = workflow("init", *(["--force"] if force else []))
    assert (done.returncode, done.stdout) == (3, "")
    what = "is no file" if kind in ("directory", "pipe") else f"cannot {kind[4:8]}"
    assert done.stderr.startswith(f"error: {what}")
    assert f"  {path}\n  next: " in done.stderr
    assert done.stderr.endswith("workflow init again; nothing was written\n")
    assert sorted(tree.iterdir()) == before
    assert not force or (tree / "workflow.yaml").read_text() == "# mine\n"


def test_a_file_that_exists_is_told_before_what_is_wrong_with_others(workflow: Run, tree: Path) -> None:
    """Nothing would be written to .gitignore anyway."""
    (tree / ".git").mkdir()
    (tree / ".gitignore").mkdir()
    for name in ("workflow.yaml", "workflow.yml"):
        (tree / name).write_text("process: {strict: true}\n")
    done = workflow("init")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("error: the file exists and was left as it is\n")


def test_a_gitignore_that_says_it_already_need_not_be_writable(workflow: Run, tree: Path) -> None:
    (tree / ".git").mkdir()
    (tree / ".gitignore").write_text(".workflow/\n")
    (tree / ".gitignore").chmod(0o400)
    with only_what_modes_allow():
        assert workflow("init").returncode == 0


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
