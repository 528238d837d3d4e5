"""Reading files that must lie below one directory: no link leads out, no file is larger than allowed."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class ConfinedReader:
    """Reads regular files below `root`. Every failure is an OSError whose errno says which kind it is."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self.root = root
        self.max_bytes = max_bytes

    def read(self, path: Path) -> bytes:
        """The file's bytes.

        Raises OSError: EXDEV for a link that leads out of the root, EISDIR for a directory, EINVAL for
        anything else that is no regular file, EFBIG beyond the limit, and whatever the system says.
        """
        self.refuse_escape(path)
        # Without O_NONBLOCK a FIFO named like a document would hang the run.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                code = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
                raise OSError(code, "not a regular file", str(path))
            if status.st_size > self.max_bytes:
                raise OSError(errno.EFBIG, f"larger than the limit of {self.max_bytes} bytes", str(path))
            data = stream.read(self.max_bytes + 1)
        if len(data) > self.max_bytes:
            raise OSError(errno.EFBIG, f"larger than the limit of {self.max_bytes} bytes", str(path))
        return data

    def refuse_escape(self, path: Path) -> None:
        """Raises OSError (EXDEV) where `path` is a link whose end lies outside the root."""
        if path.is_symlink() and not is_within(self.root, path):
            raise OSError(errno.EXDEV, "the link leads out of the tree", str(path))


def is_within(directory: Path, path: Path) -> bool:
    """Whether `path`, links followed, lies in `directory`, links followed. Both may not exist."""
    real, boundary = os.path.realpath(path), os.path.realpath(directory)
    return real == boundary or real.startswith(boundary + os.sep)
