"""What `workflow update` prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.cli.failure import without_controls
from workflow_cli.cli.misfit_text import misfit_lines, misfits_json
from workflow_cli.domain.openspec.edits.operation import RemoveRequirement

if TYPE_CHECKING:
    from workflow_cli.app.update_documents import Prepared, Updated
    from workflow_cli.cli.invocation import Invocation
    from workflow_cli.domain.review.approval import Approval
    from workflow_cli.wiring.update import UpdateRun

WAITING = 4


def show_prepared(call: Invocation, prepared: Prepared, *, plan: Path | None, dry_run: bool, run: UpdateRun) -> int:
    """The diff on stdout; what is said about it on stderr."""
    if call.format == "json":
        return call.print_document(
            {**_payload(prepared, run), "revision": None, "plan": str(plan) if plan else None}, degraded=run.degraded
        )
    if dry_run:
        write_diff(prepared)
    _notes(call, prepared, run)
    if plan:
        call.note(f"saved the plan; next: workflow update --apply {plan}")
    return 0


def show_updated(call: Invocation, updated: Updated, *, run: UpdateRun) -> int:
    prepared, revision = updated.prepared, updated.revision
    exit_code = WAITING if updated.waiting else 1 if updated.declined else 0
    if call.format == "json":
        payload = {**_payload(prepared, run), "revision": _revision(updated), "plan": None}
        status = "waiting" if updated.waiting else "ok"
        return call.print_document(payload, status=status, exit_code=exit_code, degraded=run.degraded)  # type: ignore[arg-type]
    if revision is not None:
        for line in prepared.done:
            print(without_controls(line))
    _notes(call, prepared, run, revision.approval if revision is not None else None)
    if revision is not None and revision.approval is not None:
        call.note(without_controls(f"approved by {revision.approval.by}: {revision.approval.because}"))
    if updated.declined:
        call.note("nothing was written")
    elif updated.waiting:
        id = prepared.draft.id
        call.note(f"waiting for an approval of draft {id}; nothing was written; next: workflow review show {id}")
    elif revision is not None:
        call.note(f"revision {revision.number} ({revision.id[:12]})")
    return exit_code


def _notes(call: Invocation, prepared: Prepared, run: UpdateRun, approval: Approval | None = None) -> None:
    for notice in run.notices:
        call.note(f"note: {notice}")
    for line in prepared.unchanged:
        call.note(without_controls(f"unchanged: {line}"))
    for line in prepared.warnings:
        call.note(without_controls(f"warning: {line}"))
    for reason in () if approval is not None else prepared.reasons:
        call.note(without_controls(f"needs an approval: {reason.place}: {reason.message}  [{reason.rule}]"))
    for line in misfit_lines(run.misfits(prepared.draft)):
        call.note(without_controls(line))
    call.note_degraded(run.degraded)


def _payload(prepared: Prepared, run: UpdateRun) -> dict[str, Any]:
    from workflow_cli.domain.review.draft_diff import draft_diff

    draft = prepared.draft
    return {
        "draft": None if draft.is_empty else {"id": draft.id, "hash": draft.hash},
        "files": [file.path for file in draft.files],
        "done": prepared.done,
        "unchanged": prepared.unchanged,
        "warnings": prepared.warnings,
        "reasons": [{"rule": r.rule, "path": r.path, "line": r.line, "message": r.message} for r in prepared.reasons],
        "misfits": misfits_json(run.misfits(draft)),
        "diff": draft_diff(draft),
    }


def _revision(updated: Updated) -> dict[str, Any] | None:
    revision = updated.revision
    return {"number": revision.number, "id": revision.id, "at": revision.at} if revision else None


def write_diff(prepared: Prepared) -> None:
    """The diff as the bytes it is about, whatever the locale; on a terminal, control characters are shown."""
    from workflow_cli.domain.review.draft_diff import draft_diff

    diff = draft_diff(prepared.draft)
    if sys.stdout.isatty():
        diff = without_controls(diff)
    sys.stdout.flush()
    sys.stdout.buffer.write(diff.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def confirm_removal(prepared: Prepared) -> bool:
    """Ask before a requirement is taken out; everything else may be undone without regret."""
    removes = any(isinstance(op, RemoveRequirement) for file in prepared.files for op in file.request.operations)
    if not removes:
        return True
    write_diff(prepared)
    print("write this? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
