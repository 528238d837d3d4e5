"""Earlier versions of a file, from a real checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

from workflow_cli.adapters.git_history import GitHistory


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path, file: str, text: str) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-qm", text)


def test_versions_come_newest_first_with_their_bytes(tmp_path: Path) -> None:
    """Commits that touched other files are left out."""
    git(tmp_path, "init", "-q")
    commit(tmp_path, "a.md", "one")
    commit(tmp_path, "b.md", "other")
    commit(tmp_path, "a.md", "two")
    found = list(GitHistory(tmp_path).touching("a.md"))
    assert [c.data for c in found] == [b"two", b"one"]
    assert all(c.at.tzinfo is not None for c in found)


def test_another_file_is_read_as_of_a_commit(tmp_path: Path) -> None:
    """None where it was not there yet."""
    git(tmp_path, "init", "-q")
    commit(tmp_path, "a.md", "one")
    commit(tmp_path, "b.md", "other")
    history = GitHistory(tmp_path)
    (first,) = history.touching("a.md")
    (second,) = history.touching("b.md")
    assert history.content(first.id, "b.md") is None
    assert history.content(second.id, "b.md") == b"other"


def test_a_root_below_the_top_of_the_checkout(tmp_path: Path) -> None:
    """Paths count from the root of the tree."""
    git(tmp_path, "init", "-q")
    commit(tmp_path, "packages/api/a.md", "one")
    assert [c.data for c in GitHistory(tmp_path / "packages/api").touching("a.md")] == [b"one"]


def test_names_are_taken_literally(tmp_path: Path) -> None:
    """A name that looks like a pattern is none."""
    git(tmp_path, "init", "-q")
    commit(tmp_path, "[a].md", "one")
    commit(tmp_path, "a.md", "two")
    assert [c.data for c in GitHistory(tmp_path).touching("[a].md")] == [b"one"]


def test_a_deleted_file_has_no_bytes_at_that_commit(tmp_path: Path) -> None:
    """The commit counts all the same."""
    git(tmp_path, "init", "-q")
    commit(tmp_path, "a.md", "one")
    (tmp_path / "a.md").unlink()
    commit(tmp_path, "b.md", "gone")
    assert [c.data for c in GitHistory(tmp_path).touching("a.md")] == [None, b"one"]


def test_without_a_checkout_nothing_is_known(tmp_path: Path) -> None:
    """Neither is in one that has no commit yet."""
    assert list(GitHistory(tmp_path).touching("a.md")) == []
    git(tmp_path, "init", "-q")
    assert list(GitHistory(tmp_path).touching("a.md")) == []
