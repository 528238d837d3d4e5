"""The page about the shape of the code names files and folders that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
ROOMS = ("workflow_cli", "tests", "bench", "docs", "openspec", "examples")

_NAMED = re.compile(r"`([\w.*<>/-]+(?:\.py|\.md|/))`")
_TREE = re.compile(r"^```\n(workflow_cli/\n.*?)^```", re.M | re.S)
#: A line of the tree: how deep it stands, and its name. What goes on from the line before stands deeper.
_BRANCH = re.compile(r"( {0,4})([\w.]+/?)(?: {2}|$)")


def all_files() -> set[str]:
    paths = (path for room in ROOMS for path in (REPOSITORY / room).rglob("*") if "node_modules" not in path.parts)
    return {path.relative_to(REPOSITORY).as_posix() + "/" * path.is_dir() for path in paths}


FILES = all_files()


def is_there(name: str) -> bool:
    """A path from the root, or the end of one: tables say in their heads where theirs begin."""
    named = "".join("[^/]+" if part.startswith("<") else re.escape(part) for part in re.split(r"(<\w+>)", name))
    return any(re.fullmatch(f"(?:.*/)?{named}", file) for file in FILES)


def branches() -> list[str]:
    tree = _TREE.search(PAGE)
    assert tree is not None
    way: list[str] = []
    found = []
    for line in tree[1].splitlines():
        branch = _BRANCH.match(line)
        if branch is not None:
            way = [*way[: len(branch[1]) // 2], branch[2]]
            found.append("".join(way))
    return found


# What lies in `.workflow/` is there while the program runs, and only then.
@pytest.mark.parametrize("name", sorted({name for name in _NAMED.findall(PAGE) if not name.startswith(".workflow/")}))
def test_what_the_page_names_is_there(name: str) -> None:
    assert is_there(name)


@pytest.mark.parametrize("path", branches())
def test_the_tree_of_the_page_is_the_tree(path: str) -> None:
    """Each folder and file where it stands, not merely somewhere."""
    assert (REPOSITORY / path).is_dir() if path.endswith("/") else (REPOSITORY / path).is_file()


@pytest.mark.parametrize("room", ["workflow_cli", "workflow_cli/app", "workflow_cli/domain"])
def test_no_folder_is_left_out(room: str) -> None:
    folders = {path.parent for path in (REPOSITORY / room).glob("*/*.py")}
    assert {f"{room}/{folder.name}/" for folder in folders} <= set(branches())
