"""Whether the documents can be written by whoever runs this."""

from __future__ import annotations

import os
from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, failed, ok
from workflow_cli.wiring.doctor.surroundings import ANOTHER_DISK, Surroundings


def look(at: Surroundings) -> Iterator[Seen]:
    documents, closed = 0, []
    for directory, _, files in os.walk(at.tree / "openspec"):
        # A document is replaced by a new file beside it, so its directory has to be writable too.
        if not os.access(directory, os.W_OK | os.X_OK):
            closed.append(directory)
        for name in files:
            path = os.path.join(directory, name)
            documents += 1
            if not os.path.islink(path) and not os.access(path, os.W_OK):
                closed.append(path)
    if not closed:
        yield ok(f"every document can be written ({documents} files)")
        return
    first = os.path.relpath(closed[0], at.tree)
    more = f", and {len(closed) - 1} more" if len(closed) > 1 else ""
    hint = ANOTHER_DISK if at.is_on_read_only_disk else "chmod -R u+w openspec, or run as somebody who may"
    yield failed(f"cannot be written{more}; checking and asking work all the same", where=first, next=hint)


CHECK = Check("permissions", "Permissions", look)
