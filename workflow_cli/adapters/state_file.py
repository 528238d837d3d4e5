"""Looking for files of the state: what cannot be looked at is told, and never taken for what is not there.

`Path.exists`, `os.path.lexists` and `glob` say "no" of both, or raise, depending on the version of Python.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from workflow_cli.errors import DocumentError


def is_there(path: Path, *, where: str | None = None) -> bool:
    """Whether something stands there, a link included. Raises DocumentError where that cannot be told."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise unreadable(error, path, where=where) from error
    return True


def bytes_of(path: Path) -> bytes | None:
    """The bytes of a file; None where there is none. Raises DocumentError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(error, path) from error


def names_in(directory: Path, *, where: str | None = None) -> list[str]:
    """What lies in a directory; nothing where there is none. Raises DocumentError, also for what is no directory."""
    try:
        return os.listdir(directory)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(error, directory, where=where) from error


def unreadable(error: OSError, path: Path, *, where: str | None = None, what: str = "cannot read: {}") -> DocumentError:
    """The error to raise from `error`, with whom to turn to. `{}` in `what` is the fault in the system's words."""
    message = what.format(error.strerror or error)
    return DocumentError(message, where=where or str(path), hint=who_may(error, path))


def who_may(error: OSError, path: Path) -> str | None:
    """The next step where it is permissions that are missing: whose they are. None for any other fault."""
    if error.errno not in (errno.EACCES, errno.EPERM):
        return None
    place, owner = _closed(path.absolute())
    if owner == os.geteuid():
        return f"mend its permissions: chmod u+rwX {place}"
    name = _name(owner)
    return f"{place} belongs to {name}: run as {name}, or have {name} mend its permissions"


def _closed(path: Path) -> tuple[Path, int]:
    """The file, or the directory on the way to it that lets nobody look further; with its owner."""
    place, owner = path, os.geteuid()
    for one in (*reversed(path.parents), path):
        try:
            place, owner = one, os.lstat(one).st_uid
        except OSError:
            break
    return place, owner


def _name(owner: int) -> str:
    import pwd  # here, because it is for errors alone

    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return f"user {owner}"
