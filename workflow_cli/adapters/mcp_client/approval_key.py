"""The key with which this account marks what it approved, so that approvals cannot come with a clone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from workflow_cli.adapters.key_file import make_key
from workflow_cli.errors import DocumentError

APPROVAL_KEY = "approval.key"
_LENGTH = 32


def user_state_directory() -> Path:
    """Where this program keeps what belongs to a person and to no project."""
    base = os.environ.get("XDG_STATE_HOME", "").strip() or os.path.expanduser("~/.local/state")
    return Path(base, "workflow")


def approval_key(directory: Path, *, make: bool) -> bytes | None:
    """The key kept in `directory`; None where there is none and none is to be made.

    Raises DocumentError where it cannot be made, or where others can read it: then it proves nothing.
    """
    path = directory / APPROVAL_KEY
    try:
        if make:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            make_key(path, _LENGTH)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DocumentError(f"cannot keep the key of approvals: {error.strerror}", where=str(path)) from error
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        key = file.read(_LENGTH)
    if len(key) != _LENGTH or state.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or state.st_uid != os.geteuid():
        raise DocumentError(
            "the key of approvals is damaged, or others can read it",
            where=str(path),
            hint="delete it and approve the servers again",
        )
    return key
