"""Making the file of a database without ever opening one that is there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def is_empty(path: Path) -> bool:
    """Whether the file is there and holds nothing: it was cut off, or whoever made it was killed right then."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def emptied(path: Path, *, consequence: str) -> list[str]:
    """What is to be said of such a file, for people; nothing of one that is whole, or that is not there."""
    if not is_empty(path):
        return []
    name = f"{path.parent.name}/{path.name}"
    return [f"{name} is empty: it was cut off, or a process was killed as it began it; {consequence}"]


def make_private(path: Path, *, create: bool = True) -> None:
    """Make the file, its owner's alone from its first moment, where it is missing.

    One that is there is looked at and not opened: a process that closes any descriptor of a file lets go of all its
    locks on it. Another process would then take itself for the last to use the database, remove its log, and what is
    written into that afterwards would be lost. Raises OSError for what is missing without `create`, cannot be written,
    or is no regular file, a link included.
    """
    try:
        kind = os.lstat(path).st_mode
    except FileNotFoundError:
        if not create:
            raise
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
            return
        except FileExistsError:  # another process was faster
            kind = os.lstat(path).st_mode
    if not stat.S_ISREG(kind):
        raise OSError(errno.ELOOP if stat.S_ISLNK(kind) else errno.EINVAL, "not a regular file", str(path))
    if not os.access(path, os.R_OK | os.W_OK):
        read_only = os.statvfs(path).f_flag & os.ST_RDONLY
        code = errno.EROFS if read_only else errno.EACCES
        raise OSError(code, os.strerror(code), str(path))
