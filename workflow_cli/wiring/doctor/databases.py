"""Whether the databases of the state are whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.app.doctor.check import Check, Seen, failed, ok, warning
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.doctor.surroundings import Surroundings

#: Each with whether it may be lost: then the next command that uses it begins it anew by itself. The history has a check
#: of its own.
_DATABASES = {"state.db": True, "feedback.db": True, "questions.db": False}
#: Larger ones are opened and not read through: that would take seconds.
_READ_THROUGH = 64 << 20
_COPY = "put a copy of it in its place, or move it away to begin anew"
_ANEW = "nothing has to be done: the next command that uses it begins it anew"


def look(at: Surroundings) -> Iterator[Seen]:
    from workflow_cli.adapters.state_file import is_there

    there = [name for name in _DATABASES if is_there(at.tree / STATE_DIRECTORY / name)]
    faults = [fault for name in there if (fault := _fault(at.tree / STATE_DIRECTORY / name))]
    yield from faults
    if not faults:
        yield ok(f"whole: {', '.join(there)}" if there else "none yet", where=STATE_DIRECTORY)


def _fault(path: Path) -> Seen | None:
    from workflow_cli.adapters.private_file import is_empty

    where, may_be_lost = f"{STATE_DIRECTORY}/{path.name}", _DATABASES[path.name]
    if (fault := unusable(path, where)) is not None:
        return fault
    if is_empty(path):
        return None if may_be_lost else warning("is empty: it was cut off", where=where, next=_COPY)
    damage = _damage(path)
    if damage is None or isinstance(damage, Seen):
        return damage
    if may_be_lost:
        return warning(f"damaged: {damage}", where=where, next=_ANEW)
    return failed(f"damaged: {damage}", where=where, next=_COPY)


def unusable(path: Path, where: str) -> Seen | None:
    """Of a database that is there: what is no file, or cannot be written."""
    from workflow_cli.adapters.private_file import make_private

    try:
        make_private(path, create=False)
    except OSError as error:
        return failed(error.strerror or str(error), where=where, next=f"chmod u+rw {where}, or move away what it is")
    return None


def _damage(path: Path) -> str | Seen | None:
    """What is damaged; or why that cannot be told."""
    import sqlite3

    from workflow_cli.adapters.untouched_database import open_untouched
    from workflow_cli.errors import DocumentError

    where = f"{STATE_DIRECTORY}/{path.name}"
    try:
        with contextlib.closing(open_untouched(path)) as database:
            if path.stat().st_size > _READ_THROUGH:
                database.execute("PRAGMA schema_version").fetchone()
                return None
            said = [str(row[0]) for row in database.execute("PRAGMA quick_check(100)")]
            # SQLite 3.40 takes a number for missing in tables without rowid whose key is not their first columns.
            return next((line for line in said if line != "ok" and not line.startswith("NULL value in ")), None)
    except sqlite3.OperationalError as error:
        return failed(f"cannot be used: {error}", where=where, next="run again once nobody else uses it")
    except sqlite3.DatabaseError as error:
        return str(error)
    except DocumentError as error:
        return warning(error.message, where=where, next=error.hint or _COPY)


CHECK = Check("databases", "Databases", look)
