"""Whether the databases of the state can be read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.app.doctor.check import Check, Seen, failed, ok, warning
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.doctor.surroundings import Surroundings

#: What is lost with it, and who has to mend it: by name, true for what the next command begins anew by itself.
_DATABASES = {"state.db": True, "feedback.db": True, "questions.db": False}
#: Larger ones are opened and not read through: that would take seconds.
_READ_THROUGH = 64 << 20


def look(at: Surroundings) -> Iterator[Seen]:
    there = [path for name in _DATABASES if (path := at.tree / STATE_DIRECTORY / name).exists()]
    faults = [fault for path in there if (fault := _fault(path))]
    yield from faults
    if not faults:
        names = ", ".join(path.name for path in there)
        yield ok(f"whole: {names}" if there else "none yet", where=STATE_DIRECTORY)


def _fault(path: Path) -> Seen | None:
    import sqlite3

    from workflow_cli.adapters.private_file import is_empty
    from workflow_cli.adapters.untouched_database import open_untouched
    from workflow_cli.errors import WorkflowError

    name = f"{STATE_DIRECTORY}/{path.name}"
    if is_empty(path):
        # As where a process was killed in the moment that it made it.
        return None if _DATABASES[path.name] else warning("is empty: it was cut off", where=name, next=_COPY)
    try:
        with contextlib.closing(open_untouched(path)) as database:
            look = "quick_check(1)" if path.stat().st_size <= _READ_THROUGH else "schema_version"
            said = str(database.execute(f"PRAGMA {look}").fetchone()[0])
    except sqlite3.OperationalError as error:
        return failed(
            f"cannot be used: {error}", where=name, next=f"chmod u+rw {name}, or run again once nobody uses it"
        )
    except sqlite3.DatabaseError as error:
        said = str(error)
    except WorkflowError as error:
        return warning(error.message, where=name, next=error.hint or _COPY)
    if said == "ok" or said.isdigit():
        return None
    if _DATABASES[path.name]:
        hint = "nothing: the next command that uses it puts it aside, and what was in it is made again"
        return warning(f"damaged: {said}", where=name, next=hint)
    return failed(f"damaged: {said}", where=name, next=_COPY)


_COPY = "put a copy of it in its place, or move it away to begin anew"

CHECK = Check("databases", "Databases", look)
