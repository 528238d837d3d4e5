"""A file that one process at a time may hold. The system lets go of it when that process dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.adapters.state_file import unreadable

_TRIES, _BETWEEN_TRIES = 5, 0.01


@contextlib.contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether this process holds it; False at once where another one does.

    Raises DocumentError where that cannot be told.
    """
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unreadable(error, path, what="cannot lock: {}") from error
    try:
        yield _locked(lock)
    finally:
        os.close(lock)


def is_held(path: Path) -> bool:
    """Whether some process holds it now; nothing is made for that. Raises DocumentError where that cannot be told."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unreadable(error, path) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _locked(lock: int) -> bool:
    """At once, or nearly: whoever only asks whether it is held holds it for a moment."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_BETWEEN_TRIES)
        else:
            return True
    return False
