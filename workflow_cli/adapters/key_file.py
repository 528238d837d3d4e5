"""A secret key in a file that only its owner can read."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path


def make_key(path: Path, length: int) -> None:
    """Chance, so many bytes; nothing where the file is there. Raises OSError.

    Whole or not at all, under a name of its own first: another process must never read half a key, and a full disk or a
    kill must not leave one for ever.
    """
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if os.write(descriptor, os.urandom(length)) != length:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.close(descriptor)
        os.unlink(draft)
