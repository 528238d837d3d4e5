"""What `workflow review` prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.cli.formats.wording import counted
from workflow_cli.cli.misfit_text import misfit_lines, misfits_json
from workflow_cli.domain.review.draft import AuthorKind, Draft

if TYPE_CHECKING:
    from workflow_cli.app.check_approvals import CheckReport, Uncovered
    from workflow_cli.app.review_drafts import Decided, Waiting, Written
    from workflow_cli.cli.invocation import Invocation
    from workflow_cli.domain.review.revision import Revision
    from workflow_cli.wiring.review import ReviewRun


def show_list(call: Invocation, drafts: Sequence[Waiting], *, run: ReviewRun) -> int:
    exit_code = 0 if run.is_complete else 3
    if call.format == "json":
        return call.print_document(
            {"drafts": [_waiting_json(d) for d in drafts]},
            status="error" if exit_code else "ok",
            exit_code=exit_code,
            degraded=run.degraded,
        )
    for waiting in drafts:
        draft = waiting.draft
        what = draft.operations[0] if draft.operations else ", ".join(_paths(draft))
        more = f" (and {len(draft.operations) - 1} more)" if len(draft.operations) > 1 else ""
        rules = ", ".join(dict.fromkeys(reason.rule for reason in waiting.reasons)) or _without_reason(draft)
        _write(f"{draft.id}  {waiting.state:<8}  {_author(draft)}: {what}{more}  [{rules}]\n")
    _notes(call, run)
    if drafts or not exit_code:
        call.note("next: workflow review show DRAFT" if drafts else "no draft waits")
    return exit_code


def _without_reason(draft: Draft) -> str:
    """Why a draft waits for which no rule of the policy wants a person."""
    # The loop asks a person whatever the policy says.
    asked_anyway = draft.author.kind is AuthorKind.RULE and "experiment" in draft.provenance
    return "waits for a person in any case" if asked_anyway else "needs no approval any more"


def show_draft(call: Invocation, waiting: Waiting, *, run: ReviewRun) -> int:
    from workflow_cli.domain.review.draft_diff import draft_diff

    draft = waiting.draft
    if call.format == "json":
        return call.print_document(
            {
                "draft": {
                    **_waiting_json(waiting),
                    "misfits": misfits_json(run.misfits(draft)),
                    "diff": draft_diff(draft),
                }
            },
            degraded=run.degraded,
        )
    written = f" in revision {waiting.revision.number}" if waiting.revision else ""
    _write(f"draft {draft.id}, {waiting.state}{written}\n")
    _write(f"by {_author(draft)}\n")
    if draft.because:
        _write(f"because {draft.because}\n")
    for kind, what in draft.provenance.items():
        _write(f"{kind}: {what}\n")
    for line in draft.operations:
        _write(f"- {line}\n")
    for reason in waiting.reasons:
        _write(f"needs an approval: {reason.place}: {reason.message}  [{reason.rule}]\n")
    for line in misfit_lines(run.misfits(draft)):
        _write(f"{line}\n")
    for path in waiting.stale:
        _write(f"stale: {path} changed since the draft was made\n")
    if waiting.record is not None:
        approval = waiting.record.approval
        _write(f"{approval.decision.value} by {approval.by}, {approval.at}: {approval.because}\n")
    _write("\n" + draft_diff(draft))
    _notes(call, run)
    if waiting.state == "waiting":
        call.note(f'next: workflow review approve {draft.id} --because "..."')
    return 0


def show_decided(call: Invocation, decided: Decided, *, run: ReviewRun) -> int:
    approval, revision = decided.record.approval, decided.revision
    if call.format == "json":
        return call.print_document(
            {
                "draft": decided.draft.id,
                "decision": approval.decision.value,
                "by": approval.by,
                "because": approval.because,
                "approval": decided.path,
                "revision": _commit_json(revision) if revision else None,
            },
            degraded=run.degraded,
        )
    _write(f"{approval.decision.value} draft {decided.draft.id}: {decided.path}\n")
    if revision is not None:
        for line in decided.draft.operations:
            _write(f"{line}\n")
    _notes(call, run)
    if revision is not None:
        call.note(f"revision {revision.number} ({revision.id[:12]})")
    return 0


def show_written(call: Invocation, written: Written, *, run: ReviewRun) -> int:
    revision, approval = written.revision, written.revision.approval
    if call.format == "json":
        return call.print_document(
            {
                "draft": written.draft,
                "written_already": True,
                "by": approval.by if approval else None,
                "because": approval.because if approval else None,
                "revision": _commit_json(revision),
            },
            degraded=run.degraded,
        )
    _write(f"draft {written.draft} was written already, in revision {revision.number} ({revision.id[:12]})\n")
    _notes(call, run)
    call.note(f"next: workflow history show {revision.number}")
    return 0


def show_dropped(call: Invocation, draft: Draft, *, run: ReviewRun) -> int:
    if call.format == "json":
        return call.print_document({"draft": draft.id, "dropped": True}, degraded=run.degraded)
    _write(f"dropped draft {draft.id}\n")
    _notes(call, run)
    return 0


def show_nothing_uncovered(call: Invocation, base: str, *, run: ReviewRun) -> int:
    if call.format == "json":
        return call.print_document({"draft": None, "decision": None, "base": base}, degraded=run.degraded)
    _notes(call, run)
    call.note(f"nothing since {base} lacks an approval")
    return 0


def show_check(call: Invocation, report: CheckReport, *, run: ReviewRun) -> int:
    """The uncovered places on stdout, one a line; what was looked at on stderr."""
    exit_code = 1 if report.findings else 0
    if call.format == "json":
        return call.print_document(
            {
                "base": report.base,
                "findings": [
                    {"rule": f.rule, "path": f.path, "line": f.line, "message": f.message, "hint": f.hint}
                    for f in report.findings
                ],
                "approvals": report.approvals,
                "covered": report.covered,
                "revisions": report.revisions,
            },
            status="findings" if exit_code else "ok",
            exit_code=exit_code,
            degraded=run.degraded,
        )
    for finding in report.findings:
        _write(_annotation(finding) if call.format == "github" else _finding(finding))
    _notes(call, run)
    compared = f"compared with {report.base}" if report.base else "no git: only the history was checked"
    count = len(report.findings)
    call.note(
        f"{compared}; {counted(report.approvals, 'approval')}, {counted(report.revisions, 'revision')}; "
        f"{count or 'nothing'} uncovered"
    )
    for hint in dict.fromkeys(finding.hint for finding in report.findings):
        call.note(f"next: {hint}")
    return exit_code


def _finding(finding: Uncovered) -> str:
    place = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return f"{place}: {finding.message}  [{finding.rule}]\n"


def _annotation(finding: Uncovered) -> str:
    line = f",line={finding.line}" if finding.line else ""
    message = finding.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    path = finding.path
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        path = path.replace(sign, code)
    return f"::error file={path}{line},title=no approval%3A {finding.rule}::{message}\n"


def _waiting_json(waiting: Waiting) -> dict[str, Any]:
    draft, record = waiting.draft, waiting.record
    return {
        "id": draft.id,
        "hash": draft.hash,
        "state": waiting.state,
        "author": {"kind": draft.author.kind.value, "name": draft.author.name},
        "because": draft.because,
        "operations": list(draft.operations),
        "provenance": dict(draft.provenance),
        "reasons": [{"rule": r.rule, "path": r.path, "line": r.line, "message": r.message} for r in waiting.reasons],
        "files": [file.path for file in draft.files],
        "moves": [{"source": move.source, "target": move.target} for move in draft.moves],
        "stale": list(waiting.stale),
        "revision": _commit_json(waiting.revision) if waiting.revision else None,
        "decision": None
        if record is None
        else {
            "decision": record.approval.decision.value,
            "by": record.approval.by,
            "at": record.approval.at,
            "because": record.approval.because,
        },
    }


def _commit_json(revision: Revision) -> dict[str, Any]:
    return {"number": revision.number, "id": revision.id, "at": revision.at}


def _author(draft: Draft) -> str:
    if draft.author.kind is AuthorKind.MODEL:
        return f"the model {draft.author.name} (written by a model)"
    return draft.author.name if draft.author.kind is AuthorKind.PERSON else str(draft.author)


def _paths(draft: Draft) -> list[str]:
    return [*(file.path for file in draft.files), *(move.source for move in draft.moves)]


def _notes(call: Invocation, run: ReviewRun) -> None:
    for notice in run.notices:
        call.note(f"note: {notice}")
    call.note_degraded(run.degraded)


def _write(text: str) -> None:
    """Texts of documents and names of models reach this; a terminal must not obey them."""
    from workflow_cli.cli.failure import without_controls

    sys.stdout.flush()
    sys.stdout.buffer.write(without_controls(text).encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
