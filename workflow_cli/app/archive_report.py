"""What a run of `archive` did, change by change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflow_cli.app.item_json import finding_to_json
from workflow_cli.app.report import ItemFault
from workflow_cli.domain.openspec.archiving.older_text import Basis
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.review.draft import Draft
from workflow_cli.domain.review.draft_diff import draft_diff
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import Revision


class Outcome(StrEnum):
    """`LEFT` is a change that `--all` does not take, because its work is not done or it is not valid. `ALREADY` was archived
    before, and is not active."""

    ARCHIVED = "archived"
    ALREADY = "archived_already"
    WOULD_ARCHIVE = "would_archive"
    REFUSED = "refused"
    WAITING = "waiting"
    LEFT = "left"
    NOT_REACHED = "not_reached"
    FAILED = "failed"


class SpecOutcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    RETIRED = "retired"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecResult:
    """What came of one main spec; counts leave out what had been carried out before."""

    capability: str
    file: str
    outcome: SpecOutcome
    added: int = 0
    modified: int = 0
    removed: int = 0
    renamed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """One reason not to archive. `names` is what `--force-loss` would have to name; empty where nothing helps."""

    rule: str
    message: str
    where: str | None = None
    line: int | None = None
    hint: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchivedChange:
    """One change. `target` is the directory it goes to; `why` says why it was left. `revision` archived it, if that is known."""

    change: str
    outcome: Outcome
    target: str | None = None
    specs: tuple[SpecResult, ...] = ()
    refusals: tuple[Refused, ...] = ()
    warnings: tuple[Finding, ...] = ()
    bases: tuple[Basis, ...] = ()
    reasons: tuple[Reason, ...] = ()
    why: str | None = None
    draft: Draft | None = None
    revision: Revision | None = None
    fault: ItemFault | None = None
    fault_exit_code: int = 3


_EXIT = {Outcome.REFUSED: 1, Outcome.NOT_REACHED: 1, Outcome.WAITING: 4}


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveReport:
    """`unused_force_loss` are names given to `--force-loss` that no loss asked for."""

    changes: Sequence[ArchivedChange]
    dry_run: bool = False
    unused_force_loss: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """That of the first change that failed; else 1 refused, 4 waiting for a person, 0 done."""
        failed = next((c.fault_exit_code for c in self.changes if c.outcome is Outcome.FAILED), None)
        if failed is not None:
            return failed
        codes = {_EXIT.get(c.outcome, 0) for c in self.changes} | {1 for c in self.changes if c.refusals}
        return 1 if 1 in codes else max(codes, default=0)

    @property
    def status(self) -> str:
        return {0: "ok", 1: "findings", 4: "waiting"}.get(self.exit_code, "error")


def report_to_json(report: ArchiveReport) -> dict[str, Any]:
    return {
        "dry_run": report.dry_run,
        "changes": [_change_to_json(c, dry_run=report.dry_run) for c in report.changes],
        "unused_force_loss": list(report.unused_force_loss),
    }


def _change_to_json(item: ArchivedChange, *, dry_run: bool) -> dict[str, Any]:
    return {
        "change": item.change,
        "outcome": item.outcome.value,
        "target": item.target,
        "specs": [
            {
                "capability": s.capability,
                "file": s.file,
                "outcome": s.outcome.value,
                "added": s.added,
                "modified": s.modified,
                "removed": s.removed,
                "renamed": s.renamed,
            }
            for s in item.specs
        ],
        "refusals": [
            {
                "rule": r.rule,
                "message": r.message,
                "where": r.where,
                "line": r.line,
                "hint": r.hint,
                "force_loss": list(r.names),
            }
            for r in item.refusals
        ],
        "warnings": [finding_to_json(f) for f in item.warnings],
        "written_against": [
            {"capability": b.capability, "requirement": b.requirement, "state": b.state.value, "when": b.when}
            for b in item.bases
        ],
        "approval_needed": [
            {"rule": r.rule, "path": r.path, "line": r.line, "message": r.message} for r in item.reasons
        ],
        "why": item.why,
        "draft": item.draft.id if item.draft else None,
        "diff": draft_diff(item.draft) if item.draft and dry_run else None,
        "revision": {"number": item.revision.number, "id": item.revision.id} if item.revision else None,
        "fault": {"message": item.fault.message, "where": item.fault.where, "hint": item.fault.hint}
        if item.fault
        else None,
    }
