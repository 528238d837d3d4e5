"""Archiving a change in memory: what would be written, or what archiving would stop at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import DELTA_HEADER_ANYWHERE, Delta, read_delta
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.merge import MaskOf, Merged, SpecLookup, merge, openspec_reading
from workflow_cli.domain.openspec.operations import MergeRefused
from workflow_cli.domain.openspec.retire import unnamed_content
from workflow_cli.domain.openspec.spec import Spec, read_spec
from workflow_cli.domain.openspec.validate_change import ARCHIVE_WOULD_REFUSE
from workflow_cli.domain.openspec.validate_spec import validate_spec


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why archiving would stop. `file` and `line` (from 0) are where to look, `hint` what mends it, where that is known."""

    message: str
    file: str
    line: int | None = None
    hint: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsal:
    """Either a refusal, or what archiving would do to the main specs.

    `merged` holds every rebuilt spec by capability id, also those that come out unchanged; `written` are the
    new bytes of those that would really be written; `retired` the capabilities whose spec would be deleted.
    """

    refusal: Refusal | None = None
    merged: tuple[tuple[str, Merged], ...] = ()
    written: tuple[tuple[str, bytes], ...] = ()
    retired: tuple[str, ...] = ()


#: Rules that OpenSpec's archive leaves to the merge itself.
_NOT_A_GATE = frozenset({"scenario-lost", "spec-unreadable", ARCHIVE_WOULD_REFUSE})


def rehearse(
    change: Change,
    mains: SpecLookup,
    findings: Sequence[Finding],
    *,
    reading: MaskOf = openspec_reading,
) -> Rehearsal:
    """What `openspec archive --yes` would do, given the change's own validation `findings`."""
    if stop := gate(change, findings):
        return Rehearsal(refusal=stop)
    merged: list[tuple[Delta, Merged]] = []
    for delta in _deltas(change, reading):
        document = delta.document
        base = mains(delta.id)
        try:
            result = merge(delta, base, change.name, reading=reading)
        except MergeRefused as refusal:
            return _refused(str(refusal), document.file, refusal.line)
        if result is None:
            file, code = (base.file, base.code) if isinstance(base, Fault) else (document.file, "?")
            return _refused(f"the main spec cannot be read ({code})", file)
        merged.append((delta, result))
    written: list[tuple[str, bytes]] = []
    retired: list[str] = []
    for delta, result in merged:
        errors = _errors(delta, result, reading)
        if change.retire_capabilities.declared and _is_retirable(delta, result, errors, reading):
            if result.base is None:
                continue
            if result.removed:
                retired.append(delta.id)
                continue
        if errors:
            message = f"the merged spec would be invalid: {errors[0].message}"
            return _refused(message, delta.document.file, hint=_mending(delta, errors[0]))
        if not result.is_noop:
            written.append((delta.id, result.to_bytes()))
    return Rehearsal(
        merged=tuple((delta.id, result) for delta, result in merged),
        written=tuple(written),
        retired=tuple(retired),
    )


def _deltas(change: Change, reading: MaskOf) -> Sequence[Delta]:
    if reading is openspec_reading:
        return change.deltas
    return [read_delta(id, document, reading(document)) for id, document in change.delta_documents]


def gate(change: Change, findings: Sequence[Finding]) -> Refusal | None:
    """What archiving stops at before it looks at any main spec, given the change's own validation `findings`."""
    if change.nested_changes:
        return Refusal(message="the folder wraps other changes", file=change.directory)
    if not _looks_like_deltas(change):
        return None
    for finding in findings:
        if finding.level is Level.ERROR and finding.rule not in _NOT_A_GATE:
            line = None if finding.place.line is None else finding.place.line - 1
            return Refusal(message=finding.message, file=finding.place.file, line=line)
    return None


def _refused(message: str, file: str, line: int | None = None, *, hint: str | None = None) -> Rehearsal:
    return Rehearsal(refusal=Refusal(message=message, file=file, line=line, hint=hint))


def _mending(delta: Delta, error: Finding) -> str | None:
    """The command that mends the main spec, where it lacks what no delta can bring."""
    if error.rule != "spec-purpose-missing":
        return None
    import shlex  # few specs lack it, and every check of a change comes by here

    text = f"What {delta.id} does, for whom, and what they can rely on, in one or two sentences."
    command = ("workflow", "update", delta.id, "--set-section", "Purpose", "--create", "--text", text)
    return f"say what it is for: {shlex.join(command)}"


def _looks_like_deltas(change: Change) -> bool:
    """Whether archiving validates the deltas at all before it merges them."""
    if change.has_root_spec or change.skip_specs.problem is not None:
        return True
    if change.skip_specs.declared and change.specs_has_files:
        return True
    if any(read_delta("", document).operations_present for _, document in change.stray_documents):
        return True
    return any(_has_delta_header(document) for _, document in change.delta_documents)


def _has_delta_header(document: Document) -> bool:
    return DELTA_HEADER_ANYWHERE.search(document.raw) is not None


def _errors(delta: Delta, result: Merged, reading: MaskOf) -> list[Finding]:
    rebuilt = result.rebuilt
    spec = read_spec(delta.id, rebuilt, None if reading is openspec_reading else reading(rebuilt))
    return [f for f in validate_spec(spec) if f.level is Level.ERROR]


def _is_retirable(delta: Delta, result: Merged, errors: Sequence[Finding], reading: MaskOf) -> bool:
    if result.has_blocks or not errors or any(e.rule != "spec-empty" for e in errors):
        return False
    base = result.base
    if base is None:
        return True
    return not unnamed_content(base, Spec(id=delta.id, document=base, mask=reading(base)))
