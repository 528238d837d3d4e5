"""Opening a database that many processes begin at the same moment."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable


def begun(connect: Callable[[], sqlite3.Connection], *, seconds: float) -> sqlite3.Connection:
    """What `connect` gives. What SQLite does not queue by itself is tried again, for so long.

    Two that make a log at once would wait for each other: one of them is told at once that the file is locked.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return connect()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01 + 0.04 * os.urandom(1)[0] / 255)
