"""What `workflow archive` prints."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.app.archive_report import ArchivedChange, ArchiveReport, Outcome, Refused, SpecResult, report_to_json
from workflow_cli.cli.invocation import Invocation, Status
from workflow_cli.cli.misfit_text import misfit_lines, misfits_json
from workflow_cli.domain.openspec.archiving.older_text import State
from workflow_cli.domain.review.draft_diff import draft_diff

if TYPE_CHECKING:
    from workflow_cli.app.misfits import Misfit
    from workflow_cli.app.undo_archive import Undone

Degraded = Sequence[Mapping[str, str]]


def show_report(call: Invocation, report: ArchiveReport, *, notices: Sequence[str], degraded: Degraded) -> int:
    if call.format == "json":
        return call.print_document(
            report_to_json(report), status=_status(report.exit_code), exit_code=report.exit_code, degraded=degraded
        )
    for notice in notices:
        call.note(f"note: {notice}")
    for item in report.changes:
        _show(call, item)
    for name in report.unused_force_loss:
        call.note(f"note: --force-loss {name!r} was not needed; nothing of that name was lost")
    if not any(item.outcome in _WENT for item in report.changes) and report.exit_code == 0:
        call.note("nothing to archive: no change is done")
    call.note_degraded(degraded)
    return report.exit_code


_WENT = (Outcome.ARCHIVED, Outcome.ALREADY, Outcome.WOULD_ARCHIVE)


def _show(call: Invocation, item: ArchivedChange) -> None:
    if item.outcome is Outcome.WOULD_ARCHIVE and item.draft:
        _write(draft_diff(item.draft))
    following = (*(warning.hint for warning in item.warnings[1:]), None)
    for warning, hint in zip(item.warnings, following, strict=False):
        call.note(f"{warning.place}: {warning.level.value.lower()}: {warning.message}  [{warning.rule}]")
        if warning.hint and warning.hint != hint:
            call.note(f"  next: {warning.hint}")
    unknown = [basis.requirement for basis in item.bases if basis.state is State.UNKNOWN]
    if unknown and item.outcome in _WENT:
        called = ", ".join(f'"{name}"' for name in unknown)
        call.note(f"note: nothing tells against which text of the main spec {called} was written")
    {
        Outcome.ARCHIVED: _archived,
        Outcome.ALREADY: _already,
        Outcome.WOULD_ARCHIVE: _archived,
        Outcome.REFUSED: _refused,
        Outcome.WAITING: _waiting,
        Outcome.LEFT: _left,
        Outcome.NOT_REACHED: _left,
        Outcome.FAILED: _failed,
    }[item.outcome](item)


def _archived(item: ArchivedChange) -> None:
    verb = "would archive" if item.revision is None else "archived"
    number = f" (revision {item.revision.number})" if item.revision else ""
    _write(f"{verb} {item.change} as {item.target}{number}\n")
    for spec in item.specs:
        _write(f"  {spec.capability}: {_told(spec)}\n")


def _already(item: ArchivedChange) -> None:
    number = f" (revision {item.revision.number})" if item.revision else ""
    _write(f"{item.change} is archived already as {item.target}{number}\n")


def _told(spec: SpecResult) -> str:
    counts = (
        ("added", spec.added),
        ("modified", spec.modified),
        ("removed", spec.removed),
        ("renamed", spec.renamed),
    )
    told = ", ".join(f"{count} {word}" for word, count in counts if count)
    return f"{spec.outcome.value}" + (f", {told}" if told else "")


def _refused(item: ArchivedChange) -> None:
    _write(f"refused {item.change}: nothing was written\n")
    for refusal in item.refusals:
        _write(f"  {_place(refusal)}{refusal.message}  [{refusal.rule}]\n")
        if refusal.hint:
            _write(f"    next: {refusal.hint}\n")
        if refusal.names:
            named = " ".join(f"--force-loss {_quoted(name)}" for name in refusal.names)
            _write(f"    or accept the loss: {named}\n")


def _place(refusal: Refused) -> str:
    if refusal.where is None:
        return ""
    return f"{refusal.where}:{refusal.line}: " if refusal.line else f"{refusal.where}: "


def _quoted(name: str) -> str:
    from shlex import quote

    return quote(name)


def _waiting(item: ArchivedChange) -> None:
    id = item.draft.id if item.draft else ""
    _write(f"waiting {item.change}: a person must approve draft {id}; next: workflow review show {id}\n")
    for reason in item.reasons:
        _write(f"  {reason.place}: {reason.message}  [{reason.rule}]\n")


def _left(item: ArchivedChange) -> None:
    _write(f"left {item.change}: {item.why}\n")
    for refusal in item.refusals:
        _write(f"  {_place(refusal)}{refusal.message}  [{refusal.rule}]\n")


def _failed(item: ArchivedChange) -> None:
    fault = item.fault
    assert fault is not None
    _write(f"failed {item.change}: {fault.message}\n")
    if fault.where:
        _write(f"  {fault.where}\n")
    if fault.hint:
        _write(f"  next: {fault.hint}\n")


def show_undone(
    call: Invocation, undone: Undone, *, misfits: Sequence[Misfit], notices: Sequence[str], degraded: Degraded
) -> int:
    code = undone.exit_code
    if call.format == "json":
        return call.print_document(
            _undone_json(undone, misfits), status=_status(code), exit_code=code, degraded=degraded
        )
    for notice in notices:
        call.note(f"note: {notice}")
    if undone.refusals:
        _write(f"refused to undo revision {undone.of.number}: nothing was written\n")
        for refusal in undone.refusals:
            _write(f"  {refusal.where}: {refusal.message}\n    next: {refusal.hint}\n")
    elif code == 4:
        id = undone.draft.id if undone.draft else ""
        _write(f"waiting: a person must approve draft {id}; next: workflow review show {id}\n")
        for reason in undone.reasons:
            _write(f"  {reason.path}: {reason.message}  [{reason.rule}]\n")
    else:
        if undone.dry_run and undone.draft:
            _write(draft_diff(undone.draft))
        verb = "reopened" if undone.revision else "would reopen"
        number = f" (revision {undone.revision.number})" if undone.revision else ""
        _write(f"{verb} {undone.change}, archived by revision {undone.of.number}{number}\n")
        for path in undone.kept:
            _write(f"  {path}: later edits of other requirements stay\n")
    for line in misfit_lines(misfits):
        call.note(line)
    call.note_degraded(degraded)
    return code


def _undone_json(undone: Undone, misfits: Sequence[Misfit]) -> dict[str, Any]:
    return {
        "dry_run": undone.dry_run,
        "change": undone.change,
        "undoes": {"number": undone.of.number, "id": undone.of.id},
        "refusals": [
            {"message": r.message, "where": r.where, "hint": r.hint, "revisions": list(r.revisions)}
            for r in undone.refusals
        ],
        "kept_edits": list(undone.kept),
        "approval_needed": [
            {"rule": r.rule, "path": r.path, "line": r.line, "message": r.message} for r in undone.reasons
        ],
        "draft": undone.draft.id if undone.draft else None,
        "misfits": misfits_json(misfits),
        "diff": draft_diff(undone.draft) if undone.draft and undone.dry_run else None,
        "revision": {"number": undone.revision.number, "id": undone.revision.id} if undone.revision else None,
    }


def _status(code: int) -> Status:
    statuses: dict[int, Status] = {0: "ok", 1: "findings", 4: "waiting"}
    return statuses.get(code, "error")


def _write(text: str) -> None:
    from workflow_cli.cli.failure import without_controls

    sys.stdout.write(without_controls(text))
