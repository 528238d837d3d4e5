"""What git is in the middle of, in real checkouts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from workflow_cli.adapters.git_state import GitState, git_state, git_version, is_ignored, tracked_below

IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")


def git(root: Path, *arguments: str, fails: bool = False) -> None:
    done = subprocess.run(["git", "-C", str(root), *IDENTITY, *arguments], capture_output=True)
    assert (done.returncode != 0) is fails, done.stderr


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """Two branches that changed one line each in their own way; `main` is checked out."""
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "-q")
    for branch, text in (("main", "a"), ("other", "b"), ("main", "c")):
        if text != "a":
            git(root, "checkout", "-q", *(["-b"] if branch == "other" else []), branch)
        (root / "file").write_text(text)
        git(root, "add", ".")
        git(root, "commit", "-qm", text)
    return root


def test_nothing_under_way(torn: Path) -> None:
    (torn / "below").mkdir()
    assert git_state(torn / "below") == GitState(branch="main", under_way=None)
    git(torn, "checkout", "-q", "--detach")
    assert git_state(torn) == GitState(branch=None, under_way=None)


@pytest.mark.parametrize("what", ["merge", "rebase", "cherry-pick"])
def test_what_stopped_half_way_is_named_with_its_way_out(torn: Path, what: str) -> None:
    git(torn, what, "other", fails=True)
    state = git_state(torn)
    assert state is not None
    assert state.under_way is not None
    assert state.under_way[0] == what
    assert state.under_way[1] == f"git {what} --continue, or --abort"
    git(torn, what, "--abort")
    assert git_state(torn) == GitState(branch="main", under_way=None)


def test_a_worktree_has_a_state_of_its_own(torn: Path) -> None:
    git(torn, "worktree", "add", "-q", "--detach", "../second")
    git(torn, "merge", "other", fails=True)
    assert git_state(torn.parent / "second") == GitState(branch=None, under_way=None)


def test_outside_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state(tmp_path) is None


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert git_version() is not None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_version() is None


def test_what_git_has_of_a_directory_and_what_it_ignores(torn: Path) -> None:
    (torn / ".workflow").mkdir()
    (torn / ".workflow/state.db").write_text("x")
    assert (is_ignored(torn, ".workflow/state.db"), tracked_below(torn, ".workflow")) == (False, 0)
    git(torn, "add", ".workflow")
    assert tracked_below(torn, ".workflow") == 1
    (torn / ".workflow/.gitignore").write_text("*\n")
    assert is_ignored(torn, ".workflow/other.db")
