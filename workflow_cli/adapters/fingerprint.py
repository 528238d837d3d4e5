"""Content hashes of documents and directories, by which a second run knows what changed."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Collection
from pathlib import Path

from workflow_cli.adapters.stray_files import is_temporary
from workflow_cli.domain.digest import digest


def file_fingerprint(path: Path) -> str:
    """Hash of a file's bytes; what cannot be read has the name of its error instead."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return "not a regular file"
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "EIO")


def directory_fingerprint(directory: Path, *, without: Collection[str] = ()) -> str:
    """Hash of names, kinds and contents of everything below it; links count by where they point, and what a commit under
    way has not yet put in its place does not count.

    `without` are names directly in the directory that do not count.
    """
    parts: list[str] = []
    pending = [(directory, "")]
    while pending:
        current, prefix = pending.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda e: e.name)
        except OSError as error:
            parts += [prefix, errno.errorcode.get(error.errno or 0, "EIO")]
            continue
        for entry in entries:
            if (not prefix and entry.name in without) or is_temporary(entry.name):
                continue
            name = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                parts += [name, "directory"]
                pending.append((current / entry.name, f"{name}/"))
            else:
                link = os.readlink(entry.path) if entry.is_symlink() else ""
                parts += [name, link, file_fingerprint(current / entry.name)]
    return digest(parts)
