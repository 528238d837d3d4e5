"""Reasons not to archive a change that lie in the change, the archive, or what would be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from workflow_cli.app.archive_report import Refused
from workflow_cli.app.ports import Documents, SpecTree
from workflow_cli.domain.openspec.archiving.accepted_loss import AcceptedLoss, at_stake
from workflow_cli.domain.openspec.archiving.older_text import BroughtUpToDate
from workflow_cli.domain.openspec.archiving.place import ARCHIVE, archive_name, main_file
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.rehearse import Refusal

REFUSED = "archive-refused"
_OPENSPEC_LOCK = f"{ARCHIVE}/.openspec-archive.lock"


def in_the_way(change: Change, tree: SpecTree, documents: Documents, today: date) -> Iterator[Refused]:
    """What stands where the change would go, and who else is at it."""
    name = archive_name(change.name, today)
    if name in tree.archived_names():
        yield Refused(
            rule="archive-target-exists",
            message=f"the archive has a {name} already",
            where=f"{ARCHIVE}/{name}",
            hint="rename one of the two",
        )
    if documents.read(_OPENSPEC_LOCK) is not None:
        yield Refused(
            rule="openspec-is-archiving",
            message="`openspec archive` is at work in this tree, or was stopped there",
            where=_OPENSPEC_LOCK,
            hint="wait for it; if none runs, delete that file",
        )


def zero_delta(change: Change, *, skip_specs: bool) -> Iterator[Refused]:
    meant = skip_specs or change.skip_specs.declared
    if not meant and not change.nested_changes and all(delta.is_empty for delta in change.deltas):
        yield Refused(
            rule="no-operations",
            message="the change has no operation on any spec, so archiving would only move it away",
            where=change.directory,
            hint="write its deltas; if none is meant, say --skip-specs, or `skip_specs: true` in .openspec.yaml",
        )


def refusing(
    findings: Sequence[Finding],
    document: Callable[[str], Document | None],
    accepted: AcceptedLoss,
    on_disk: Callable[[Finding], Finding] = lambda finding: finding,
) -> Iterator[Refused]:
    """Findings that refuse, but for those whose losses were all accepted by name."""
    for finding in findings:
        if not finding.refuses:
            continue
        names = tuple(at_stake(finding, document))
        missing = tuple(name for name in names if not accepted.accepts(name))
        if names and not missing:
            continue
        shown = on_disk(finding)
        yield Refused(
            rule=finding.rule,
            message=finding.message,
            where=shown.place.file,
            line=shown.place.line,
            hint=finding.hint,
            names=missing,
        )


def openspec_refuses(brought: BroughtUpToDate, refusal: Refusal | None) -> Iterator[Refused]:
    """What `openspec archive` stops at; nothing that is named can change that."""
    if refusal is None:
        return
    line = None if refusal.line is None else brought.line_on_disk(refusal.file, refusal.line + 1)
    yield Refused(rule=REFUSED, message=refusal.message, where=refusal.file, line=line, hint=refusal.hint)


def documents_of(change: Change, main: Callable[[str], Document | Fault | None]) -> Callable[[str], Document | None]:
    """Gives, for its file, a delta of the change or the main spec that it aims at."""

    def document(file: str) -> Document | None:
        for id, delta in change.delta_documents:
            if delta.file == file:
                return delta
            if main_file(id) == file:
                found = main(id)
                return found if isinstance(found, Document) else None
        return None

    return document
