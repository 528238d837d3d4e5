"""Replacing one file so that a reader sees the old bytes or the new ones, never a part.

The new bytes go to a temporary file in the same directory, are flushed to the disk, and take the name in one
step. The directory is held open by descriptor, so a directory swapped for a link in between is not followed.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from workflow_cli.errors import DocumentError, StaleDocument

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)

_MAY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def replace_file(path: Path, data: bytes, *, base: bytes | None) -> None:
    """Write `data` where `base` (None: no file) still stands. An existing file keeps its mode.

    Raises StaleDocument where something else stands there by now, DocumentError where it cannot or must not be written;
    then nothing has changed.
    """
    try:
        directory = os.open(path.parent, _DIRECTORY)
    except OSError as error:
        raise DocumentError(f"cannot write: {error.strerror}", where=str(path)) from error
    try:
        _replace(directory, path, data, base)
    except OSError as error:
        raise DocumentError(f"cannot write: {error.strerror}", where=str(path)) from error
    finally:
        os.close(directory)


def _replace(directory: int, path: Path, data: bytes, base: bytes | None) -> None:
    current, mode = _read(directory, path.name)
    if current != base:
        raise StaleDocument(
            "the file changed since it was read; nothing was written", where=str(path), hint="run the command again"
        )
    if current is not None and not mode & _MAY_WRITE:
        # A new file in its place would need no right but that on the directory; who took the other meant the file.
        raise DocumentError("cannot write: the file is read-only", where=str(path), hint=f"chmod u+w {path}")
    temporary = f".{path.name}.{os.urandom(6).hex()}.tmp"
    try:
        descriptor = os.open(temporary, _NEW_FILE, mode, dir_fd=directory)
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, mode)
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        os.replace(temporary, path.name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=directory)
        raise
    os.fsync(directory)


def _read(directory: int, name: str) -> tuple[bytes | None, int]:
    """The file's bytes and mode; None and the mode of a new file where there is none. A link is refused."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=directory)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return None, 0o666 & ~umask
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(), stat.S_IMODE(os.fstat(descriptor).st_mode)
