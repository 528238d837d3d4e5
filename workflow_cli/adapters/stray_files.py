"""Temporary files beside documents, and those that a machine leaves which stops at the wrong moment.

The temporary files of a commit are named in its plan. They may be on the disk a moment before the plan is, so a
machine that stops in that moment leaves files that no plan names. That takes a new start of the machine, which is
what the first writer after it looks for.
"""

from __future__ import annotations

import contextlib
import os
import re
from functools import lru_cache
from pathlib import Path

from workflow_cli.adapters.state_directory import STATE_DIRECTORY

#: In the state directory: the start of the machine for which the tree was last looked through.
_SEEN = "machine-start"
_STARTED = "/proc/sys/kernel/random/boot_id"
_SWEPT = "openspec"
_TEMPORARY = re.compile(r"\.workflow-[0-9a-f]{16}-[0-9]+\.tmp")


def temporary_name(id: str, number: int) -> str:
    """The name under which a revision's file of that number is written first."""
    return f".workflow-{id[:16]}-{number}.tmp"


def is_temporary(name: str) -> bool:
    """Whether a commit under way gives that name to what it has not yet put in its place."""
    return name.startswith(".workflow-") and _TEMPORARY.fullmatch(name) is not None


def is_swept(path: str) -> bool:
    """Whether a temporary file beside the path would be found without a plan that names it."""
    return path.startswith(f"{_SWEPT}/")


def remove_strays(root: Path) -> bool:
    """Remove what no plan names, if the machine was started since this was last done; the lock must be held.

    Returns whether the same will be done after the next start, which takes a system that tells one from another, and
    room to remember this one. What cannot be done is no reason not to write: it is tried again by the next writer.
    """
    start = _this_start()
    if not start:
        return False
    seen = os.path.join(root, STATE_DIRECTORY, _SEEN)
    try:
        if _read(seen) != start:
            _sweep(os.path.join(root, _SWEPT))
            _write(seen, start)
    except OSError:
        return False
    return True


def _sweep(top: str) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for _, _, names, directory in os.fwalk(top):
            for name in filter(_TEMPORARY.fullmatch, names):
                os.unlink(name, dir_fd=directory)


@lru_cache(maxsize=1)
def _this_start() -> bytes:
    """A name for the time since the machine was started, empty where the system has none."""
    try:
        return _read(_STARTED).strip()
    except OSError:
        return b""


def _read(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    try:
        return os.read(descriptor, 100)
    finally:
        os.close(descriptor)


def _write(path: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o666)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
