"""Everything `validate` says of one item: OpenSpec's verdict, the archive rehearsed, and what would be lost."""

from __future__ import annotations

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.loss import delta_hazards, merge_losses, spec_hazards
from workflow_cli.domain.openspec.merge import SpecLookup
from workflow_cli.domain.openspec.rehearse import Rehearsal, rehearse
from workflow_cli.domain.openspec.spec import Spec
from workflow_cli.domain.openspec.validate_change import ARCHIVE_WOULD_REFUSE, validate_change
from workflow_cli.domain.openspec.validate_spec import validate_spec
from workflow_cli.domain.openspec.verdict import is_valid

ARCHIVE_REFUSED = "archive-refused"


def check_spec(spec: Spec) -> list[Finding]:
    return [*validate_spec(spec), *spec_hazards(spec)]


def check_change(change: Change, mains: SpecLookup) -> list[Finding]:
    """OpenSpec's findings first, then ours; `archive-refused` where OpenSpec passes what it would not archive."""
    findings, rehearsal = findings_and_rehearsal(change, mains)
    if rehearsal.refusal and is_valid(findings, strict=False):
        refusal = rehearsal.refusal
        # OpenSpec says it of that delta too, as a mere INFO: once is enough.
        findings = [f for f in findings if (f.rule, f.place.file) != (ARCHIVE_WOULD_REFUSE, refusal.file)]
        place = Place(file=refusal.file, line=None if refusal.line is None else refusal.line + 1)
        findings.append(
            builtin(
                ARCHIVE_REFUSED,
                Level.ERROR,
                place,
                f"OpenSpec passes this change, but archiving it would be refused: {refusal.message}",
                hint=refusal.hint or "mend it now, or archive the change first that brings what is missing",
            )
        )
    return findings


def findings_and_rehearsal(change: Change, mains: SpecLookup) -> tuple[list[Finding], Rehearsal]:
    """As `check_change`, with the rehearsal itself in the place of `archive-refused`."""
    findings = validate_change(change, mains)
    rehearsal = rehearse(change, mains, findings)
    for delta in change.deltas:
        findings.extend(delta_hazards(delta))
    findings.extend(merge_losses(change, rehearsal))
    return list(dict.fromkeys(findings)), rehearsal
