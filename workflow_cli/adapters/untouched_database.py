"""Looking into a database without leaving a trace: no file beside it is made, and none is changed.

Opening one as usual would bring home the log of a process that was killed, which is for whoever holds the tree's lock.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from workflow_cli.errors import DocumentError


def open_untouched(path: Path) -> sqlite3.Connection:
    """A connection that only reads. Raises sqlite3.Error, and DocumentError where reading would take writing."""
    if not os.path.exists(f"{path}-wal"):
        # Without its log beside it, nobody is writing.
        mode = "immutable=1"
    elif os.path.exists(f"{path}-shm"):
        mode = "readonly_shm=1"
    else:
        raise DocumentError(
            "its log lies beside it without an index, so it cannot be looked into without writing",
            where=str(path),
            hint="the next command that uses it puts that in order, such as workflow history list",
        )
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&{mode}", uri=True, isolation_level=None, check_same_thread=False
    )
