"""Operations carried out on one document, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.openspec.edits.ledger import Ledger
from workflow_cli.domain.openspec.edits.operation import (
    NAMES,
    NAMING,
    CheckTask,
    Operation,
    RemoveRequirement,
    UncheckTask,
)
from workflow_cli.domain.openspec.edits.page import Outcome, Page, PageKind
from workflow_cli.errors import AddressNotFound, EditRefused

# Named, not imported: ticking a task must not pay for reading requirements.
_MODULES = {name: f"workflow_cli.domain.openspec.edits.{name.replace('-', '_')}" for name in NAMES.values()}
_MODULES["uncheck-task"] = _MODULES["check-task"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edited:
    """`edits` lead from the bytes given to `data`, and `data` differs nowhere else.

    `done` and `unchanged` say in a line each, for people, what was done and what the document said already; `warnings`
    what whoever wanted it may not have meant.
    """

    data: bytes
    edits: tuple[Edit, ...]
    done: tuple[str, ...]
    unchanged: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def apply_operations(
    kind: PageKind, data: bytes, operations: Sequence[Operation], *, path: str = "", main: bytes | None = None
) -> Edited:
    """The document after all operations, each on what the one before it left.

    `main` is the main spec a delta changes: a requirement that the delta does not have yet is taken from it.

    Raises EditRefused, AddressNotFound or AddressAmbiguous for the first operation that cannot be carried out.
    """
    ledger = Ledger(data)
    before = data
    done: list[str] = []
    unchanged: list[str] = []
    for operation in operations:
        outcome, result = _carry_out(kind, data, operation, path, main)
        if outcome.edits and result != data:
            ledger.make(outcome.edits)
            data = result
            done.append(outcome.says)
        else:
            unchanged.append(outcome.says)
    warnings: tuple[str, ...] = ()
    if done and kind in (PageKind.SPEC, PageKind.DELTA):
        from workflow_cli.domain.openspec.edits.lookalikes import lookalikes
        from workflow_cli.domain.openspec.edits.worse import refuse_worse

        if before:
            refuse_worse(kind, before, data, path=path, main=main)
        if any(isinstance(operation, NAMING) for operation in operations):
            warnings = tuple(lookalikes(kind, before, data, path=path, main=main))
    return Edited(data=data, edits=ledger.edits, done=tuple(done), unchanged=tuple(unchanged), warnings=warnings)


def _carry_out(
    kind: PageKind, data: bytes, operation: Operation, path: str, main: bytes | None
) -> tuple[Outcome, bytes]:
    page = Page(data, kind, path, main)
    module: Any = import_module(_MODULES[NAMES[type(operation)]])
    outcome: Outcome = module.carry_out(page, operation)
    if not outcome.edits:
        return outcome, data
    result = apply(page.source, outcome.edits)
    if not isinstance(operation, CheckTask | UncheckTask):
        from workflow_cli.domain.openspec.edits.guard import refuse_moved_structure

        changed = Page(result, kind, path, main)
        refuse_moved_structure(page, outcome.edits, changed)
        if not _is_said(module, changed, operation):
            raise EditRefused(
                f"{NAMES[type(operation)]}: the document would not say it afterwards",
                where=page.path,
                hint="the text around it is read in an unexpected way; edit the file by hand",
            )
    return outcome, result


def _is_said(module: Any, page: Page, operation: Operation) -> bool:
    """Whether the document says what the operation wants, so that carrying it out again would change nothing."""
    try:
        outcome: Outcome = module.carry_out(page, operation)
    except (AddressNotFound, EditRefused):
        # What a delta added and no longer adds is nowhere, and cannot be removed again.
        if isinstance(operation, RemoveRequirement):
            return True
        raise
    return not outcome.edits
