"""Whether there is an OpenSpec tree, what is in it, and what of that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow_cli.app.doctor.check import Check, Seen, State, failed, ok
from workflow_cli.wiring.doctor.surroundings import Surroundings

if TYPE_CHECKING:
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.domain.openspec.discovered import Fault

#: Of many that cannot be read, so many are named.
_NAMED = 10


def look(at: Surroundings) -> Iterator[Seen]:
    from workflow_cli.app.unreadable import as_item_fault
    from workflow_cli.wiring.documents import spec_tree

    if at.root is None:
        yield _no_tree(at)
        return
    files = spec_tree(at.root, at.usable)
    specs, changes = files.spec_files(), files.change_names()
    faults = list(_faults(files))
    begin = None if specs or changes else 'workflow propose "TITLE" writes the first change'
    counts = f"{_counted(len(specs), 'spec')} and {_counted(len(changes), 'change')}"
    yield ok(counts if faults else f"{counts}, all of which can be read", where=str(at.root), next=begin)
    for fault in faults[:_NAMED]:
        told = as_item_fault(fault.file, fault.code, fault.message)
        yield failed(
            told.message, where=told.where, next=told.hint or "see what is there in its place", part="document"
        )
    if len(faults) > _NAMED:
        hint = "workflow process --all names every one"
        yield failed(f"{len(faults) - _NAMED} more cannot be read", next=hint, part="document")


def _no_tree(at: Surroundings) -> Seen:
    assert at.no_tree is not None
    return Seen(
        state=State.FAILED,
        text=f"{at.no_tree.message}; what belongs to a tree was not looked at",
        where=at.no_tree.where,
        next=at.no_tree.hint,
        evaluated=False,
    )


def _faults(files: OpenSpecFiles) -> Iterator[Fault]:
    from workflow_cli.domain.openspec.discovered import Fault

    for spec in files.spec_files():
        found = files.read_spec_file(spec)
        if isinstance(found, Fault):
            yield found
    for name in files.change_names():
        yield from files.read_change(name).faults


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


CHECK = Check("tree", "Tree", look, {"document": "Document"})
