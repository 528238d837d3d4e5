"""Telling a change directory from a folder that wraps changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

_MAX_DEPTH = 3


def subdirectories(directory: Path) -> list[str]:
    """Names of the real, visible directories in it. Raises OSError."""
    with os.scandir(directory) as entries:
        return [e.name for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith(".")]


def has_visible_file(directory: Path) -> bool:
    """Whether a visible file or link is anywhere below it; a missing directory has none. Raises OSError."""
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        return False
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() or entry.is_file(follow_symlinks=False):
            return True
        if entry.is_dir(follow_symlinks=False) and has_visible_file(Path(entry.path)):
            return True
    return False


def has_spec_below(directory: Path) -> bool:
    """Whether a file named `spec.md` is anywhere below it, so that its own name may be a capability's."""
    return any("spec.md" in files for _, _, files in os.walk(directory))


def has_own_file(directory: Path) -> bool:
    """Whether something visible other than a directory lies directly in it."""
    try:
        with os.scandir(directory) as entries:
            return any(not e.name.startswith(".") and not e.is_dir(follow_symlinks=False) for e in entries)
    except OSError:
        return False


def nested_changes(directory: Path, name: str, is_change: Callable[[Path], bool], depth: int = 1) -> Iterator[str]:
    """Ids, such as `area/one`, of the changes below a folder, at most three levels down."""
    if depth > _MAX_DEPTH:
        return
    try:
        children = subdirectories(directory)
    except OSError:
        return
    for child in children:
        path, id = directory / child, f"{name}/{child}"
        if is_change(path):
            yield id
        else:
            yield from nested_changes(path, id, is_change, depth + 1)
