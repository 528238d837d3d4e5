"""Whether the history is whole, and whether a commit was cut off."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow_cli.app.doctor.check import Check, Seen, failed, ok, warning
from workflow_cli.errors import DocumentError
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.doctor.databases import unusable
from workflow_cli.wiring.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from workflow_cli.adapters.history_store import HistoryStore

_FILE = "history.db"
#: A larger one is opened and not read through: that would take seconds.
_READ_THROUGH = 8 << 20
_NAMED = 3


def look(at: Surroundings) -> Iterator[Seen]:
    from workflow_cli.adapters.private_file import is_empty
    from workflow_cli.adapters.state_file import is_there

    where = f"{STATE_DIRECTORY}/{_FILE}"
    path = at.tree / where
    if not is_there(path):
        yield ok("no revision yet", where=where)
        return
    if (fault := unusable(path, where)) is not None:
        yield fault
        return
    if is_empty(path):
        hint = "put a copy of it in its place before anything is written, or leave it and a new history begins"
        yield warning("is empty: it was cut off, or a process was killed as it began it", where=where, next=hint)
        return
    from workflow_cli.adapters.history_store import HistoryStore
    from workflow_cli.adapters.untouched_database import open_untouched

    try:
        open_untouched(path).close()
    except DocumentError as error:
        yield warning(error.message, where=where, next=error.hint or "workflow history list")
        return
    with contextlib.closing(HistoryStore(path, untouched=True)) as store:
        yield from _whole(store, where, small=path.stat().st_size <= _READ_THROUGH)
        if store.is_pending():
            yield _pending(at, store)


def _whole(store: HistoryStore, where: str, *, small: bool) -> Iterator[Seen]:
    from workflow_cli.adapters.verify_history import damage

    revisions = store.head()[0]  # raises where all of it cannot be used
    if not small:
        hint = "workflow history verify looks at all of it"
        yield ok(f"{revisions} revisions; too many to look at each here", where=where, next=hint)
        return
    found = damage(store)
    for line in found[:_NAMED]:
        hint = "workflow history verify lists all damage; a copy of the file put in its place repairs it"
        yield failed(line, where=where, next=hint)
    if not found:
        cut_off = len(store.interrupted())
        before = f"; {cut_off} cut off earlier and taken back, see workflow history list" if cut_off else ""
        yield ok(f"whole, {revisions} revision{'' if revisions == 1 else 's'}{before}", where=where)


def _pending(at: Surroundings, store: HistoryStore) -> Seen:
    from workflow_cli.adapters.lone_process import is_held
    from workflow_cli.adapters.tree_lock import LOCK

    pending = store.pending()
    number = pending.revision.number if pending else store.head()[0] + 1
    if is_held(at.tree / STATE_DIRECTORY / LOCK):
        return ok(f"revision {number} is being written right now", part="commit")
    return warning(
        f"the commit of revision {number} was cut off",
        next="workflow history list: whatever opens the history finishes it, or takes it back",
        part="commit",
    )


CHECK = Check("history", "History", look, {"commit": "Commit"})
