"""OpenSpec's own rules for a change. The merge rehearsal adds its remarks in `rehearse`."""

from __future__ import annotations

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.collector import Collector
from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.heading import headings
from workflow_cli.domain.openspec.merge import SpecLookup, merge
from workflow_cli.domain.openspec.metadata import FILENAME
from workflow_cli.domain.openspec.operations import MergeRefused
from workflow_cli.domain.openspec.tasks import ambiguous_numbers, missing_checkboxes
from workflow_cli.domain.openspec.validate_delta import delta_path, validate_delta

#: OpenSpec's remark, an INFO, that the merge of a delta stops.
ARCHIVE_WOULD_REFUSE = "archive-would-refuse"


def validate_change(change: Change, mains: SpecLookup) -> list[Finding]:
    """Every finding OpenSpec has for this change. `mains` gives the current main spec of a capability."""
    out = Collector(change)
    if change.nested_changes:
        out.add(
            "nested-change",
            Level.ERROR,
            "file",
            f"this folder is not a change but wraps {', '.join(change.nested_changes)}",
            file=change.directory,
            hint="move each of them directly below `changes/`",
        )
        return out.findings
    if change.has_root_spec:
        out.add(
            "delta-at-root",
            Level.ERROR,
            "spec.md",
            "a `spec.md` directly below `specs/` belongs to no capability and is ignored",
            file=change.file("specs/spec.md"),
            hint="move it to `specs/<capability>/spec.md`",
        )
    for delta in change.deltas:
        validate_delta(delta, mains, out)
    _rehearse_deltas(change, mains, out)
    _validate_set(change, out)
    _validate_tasks(change, out)
    return out.findings


def _rehearse_deltas(change: Change, mains: SpecLookup, out: Collector) -> None:
    for delta in change.deltas:
        if delta.is_empty or out.has_error(delta_path(delta)):
            continue
        try:
            merge(delta, mains(delta.id), change.name)
        except MergeRefused as refusal:
            out.add(
                ARCHIVE_WOULD_REFUSE,
                Level.INFO,
                delta_path(delta),
                f"archiving would refuse this delta: {refusal}",
                file=delta.document.file,
                at=refusal.line,
            )


def _meant(delta: Delta) -> str | None:
    """What to say of a heading that was meant as a delta section."""
    from workflow_cli.domain.openspec.unread_heading import DELTA, unread_heading  # here: few deltas need its tables

    found = unread_heading(headings(delta.document.lines, delta.mask), DELTA)
    return found.hint if found else None


def _validate_set(change: Change, out: Collector) -> None:
    strays = [
        (path, document)
        for path, document in change.stray_documents
        if Delta(id="", document=document, mask=document.openspec_mask).operations_present
    ]
    for path, document in strays:
        out.add(
            "delta-unread",
            Level.ERROR,
            path,
            "this file has delta sections but is not named `spec.md`, so nothing reads it",
            file=document.file,
            hint="move its requirements into the capability's `spec.md`",
        )
    for delta in change.deltas:
        if not delta.is_empty:
            continue
        sections = ", ".join(f"## {op} Requirements" for op in delta.operations_present)
        out.add(
            "delta-empty",
            Level.ERROR,
            delta_path(delta),
            f"{sections}: no requirement was read from it" if sections else "there is no delta section",
            file=delta.document.file,
            at=0,
            hint=(None if sections else _meant(delta))
            or "put `### Requirement: <name>` under `## ADDED Requirements` or another delta section",
        )
    metadata = change.file(FILENAME)
    if change.skip_specs.problem is not None:
        out.add(
            "skip-specs-invalid",
            Level.ERROR,
            FILENAME,
            f"skip_specs is set but the metadata is not valid: {change.skip_specs.problem}",
            file=metadata,
        )
    skip = change.skip_specs.declared
    if skip and change.specs_has_files:
        out.add(
            "skip-specs-conflict",
            Level.ERROR,
            "file",
            "skip_specs is set, yet there are files below `specs/`",
            file=metadata,
            hint="delete the files, or take skip_specs out",
        )
    if any(delta.count for delta in change.deltas) or change.has_root_spec or strays:
        return
    if skip and not change.specs_has_files:
        out.add("skip-specs", Level.INFO, "file", "skip_specs is set: no delta is expected", file=metadata)
    elif not skip:
        out.add(
            "change-without-delta",
            Level.ERROR,
            "file",
            "the change has no delta",
            file=change.directory,
            hint="add `specs/<capability>/spec.md` with delta sections, "
            "or set `skip_specs: true` in .openspec.yaml if no requirement changes",
        )


def _validate_tasks(change: Change, out: Collector) -> None:
    files = change.task_files
    if change.tasks_are_tracked and change.unreadable_tasks == 0:
        for issue in missing_checkboxes(files):
            out.add(
                "tasks-without-checkbox",
                Level.WARNING,
                issue.path,
                issue.message,
                file=change.file(issue.path),
                line=issue.line,
            )
    if change.uses_builtin_schema:
        for issue in ambiguous_numbers(files):
            out.add(
                "task-number",
                Level.WARNING,
                issue.path,
                issue.message,
                file=change.file(issue.path),
                line=issue.line,
            )
