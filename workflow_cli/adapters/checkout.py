"""Where a directory lies in its git checkout."""

from __future__ import annotations

from pathlib import Path


def prefix_in_checkout(root: Path) -> str:
    """`root` from the top of the checkout, such as `packages/api/`; empty at the top and outside any checkout."""
    for directory in (root, *root.parents):
        if (directory / ".git").exists():
            inside = root.relative_to(directory).as_posix()
            return "" if inside == "." else f"{inside}/"
    return ""


def is_in_checkout(root: Path) -> bool:
    return any((directory / ".git").exists() for directory in (root, *root.parents))
