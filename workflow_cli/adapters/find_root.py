"""Finds the OpenSpec tree a command is about, by OpenSpec's own rule."""

from __future__ import annotations

import os
from pathlib import Path

from workflow_cli.adapters.confined_read import is_within
from workflow_cli.errors import NoTree

HINT = "`openspec init`, or `mkdir -p openspec/specs openspec/changes`, makes a tree here; one that is elsewhere: --root DIR"


def find_root(start: Path) -> Path:
    """The nearest directory from `start` upward that holds an OpenSpec tree, as a real path.

    Raises NoTree when there is none up to the top of the file system, or when it is a link to somewhere else.
    """
    real = Path(os.path.realpath(start))
    for directory in (real, *real.parents):
        if holds_tree(directory):
            return _whole(directory)
    raise NoTree("no OpenSpec tree here or above", where=str(real), hint=HINT)


def named_root(directory: Path) -> Path:
    """The root that a person named: `directory`, or its parent when it is the tree's openspec/ itself.

    Nothing above is searched: a mistyped name must not choose another project. Raises NoTree as `find_root` does.
    """
    real = Path(os.path.realpath(directory))
    if holds_tree(real):
        return _whole(real)
    if real.name == "openspec" and holds_tree(real.parent):
        return real.parent
    if not real.is_dir():
        raise NoTree("no such directory", where=str(directory), hint=HINT)
    raise NoTree(
        "no OpenSpec tree in that directory",
        where=str(directory),
        hint="it needs openspec/ with specs/, changes/ or config.yaml in it",
    )


def _whole(root: Path) -> Path:
    """The root itself. Where its openspec/ leads out of it, every document would be refused, each with a riddle."""
    tree = root / "openspec"
    if is_within(root, tree):
        return root
    real = Path(os.path.realpath(tree))
    there = real.name == "openspec"
    raise NoTree(
        f"is a link to {real}, and no link is followed out of the project",
        where=str(tree),
        hint=f"work where it is: --root {real.parent}" if there else "put the tree itself in the place of the link",
    )


def holds_tree(directory: Path) -> bool:
    """Whether openspec/ in `directory` has specs/, changes/ or a config file; unreadable means no."""
    tree = directory / "openspec"
    return any(os.path.isdir(tree / name) for name in ("specs", "changes")) or any(
        os.path.isfile(tree / name) for name in ("config.yaml", "config.yml")
    )
