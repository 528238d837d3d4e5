"""Which directory is the root of a tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_cli.adapters.find_root import find_root, named_root
from workflow_cli.errors import NoTree


def make(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize("directory", ["specs", "changes"])
def test_specs_or_changes_make_a_tree(tmp_path: Path, directory: str) -> None:
    """Either directory is enough, even empty."""
    make(tmp_path / "openspec" / directory)
    assert find_root(tmp_path) == tmp_path.resolve()


@pytest.mark.parametrize("name", ["config.yaml", "config.yml"])
def test_a_config_file_makes_a_tree(tmp_path: Path, name: str) -> None:
    """A freshly initialised project has nothing else."""
    make(tmp_path / "openspec")
    (tmp_path / "openspec" / name).touch()
    assert find_root(tmp_path) == tmp_path.resolve()


def test_the_nearest_tree_upward_wins(tmp_path: Path) -> None:
    """A directory named openspec without content is passed over; an inner tree hides an outer one."""
    make(tmp_path / "openspec" / "specs")
    inner = tmp_path / "packages" / "inner"
    make(inner / "openspec" / "changes")
    make(inner / "src" / "openspec")
    assert find_root(inner / "src") == inner.resolve()
    assert find_root(tmp_path / "packages") == tmp_path.resolve()
    assert find_root(tmp_path / "openspec" / "specs") == tmp_path.resolve()


def test_a_link_is_followed_before_walking_up(tmp_path: Path) -> None:
    """The walk starts from the real directory, as OpenSpec's does."""
    make(tmp_path / "real" / "openspec" / "specs")
    make(tmp_path / "real" / "deep")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
    assert find_root(tmp_path / "link") == (tmp_path / "real").resolve()


def test_no_tree_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    """A file named openspec is no tree."""
    (tmp_path / "openspec").touch()
    with pytest.raises(NoTree) as caught:
        find_root(tmp_path)
    assert caught.value.hint is not None
    assert "openspec init" in caught.value.hint


def test_a_named_root_is_taken_as_it_is(tmp_path: Path) -> None:
    """The directory, or its openspec/, and nothing above it."""
    make(tmp_path / "openspec" / "specs")
    below = make(tmp_path / "src")
    assert named_root(tmp_path) == named_root(tmp_path / "openspec") == tmp_path.resolve()
    with pytest.raises(NoTree, match="no OpenSpec tree in that directory"):
        named_root(below)
    with pytest.raises(NoTree, match="no such directory"):
        named_root(tmp_path / "missing")
