"""Applying one delta to one main spec in memory, byte for byte as archiving does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document, shared_document
from workflow_cli.domain.openspec.operations import Blocks, LostTail, MergeRefused
from workflow_cli.domain.openspec.purpose import MIN_LENGTH, placeholder, purpose_section
from workflow_cli.domain.openspec.rebuild import rebuild, with_line_ends_of
from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.domain.openspec.spec import Spec, read_spec
from workflow_cli.domain.openspec.structure import structure_issues
from workflow_cli.domain.openspec.text import utf16_length

#: Gives the current main spec of a capability: its document, why it cannot be read, or None.
SpecLookup = Callable[[str], Document | Fault | None]

#: Which reading of fences to merge under: OpenSpec's own, or CommonMark's.
MaskOf = Callable[[Document], Sequence[bool]]


def openspec_reading(document: Document) -> Sequence[bool]:
    return document.openspec_mask


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The rebuilt spec as `text` with LF line ends, and what was done to get there.

    `base` is None for a new spec. `file` is the main spec's, or the delta's where there is none yet. Counts leave
    out operations that had already been carried out.
    """

    text: str
    file: str
    base: Document | None
    added: int
    modified: int
    removed: int
    renamed: int
    has_blocks: bool
    lost_tails: tuple[LostTail, ...] = ()
    already_removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_noop(self) -> bool:
        return not (self.added or self.modified or self.removed or self.renamed)

    @cached_property
    def rebuilt(self) -> Document:
        """The rebuilt spec, to be read like any other."""
        return shared_document(self.file, self.text.encode("utf-8"))

    def to_bytes(self) -> bytes:
        """The file's new bytes: the old file's prevailing line ends, or LF for a new one."""
        return with_line_ends_of(self.text, self.base.raw if self.base else "").encode("utf-8")


def merge(
    delta: Delta, base: Document | Fault | None, change: str, *, reading: MaskOf = openspec_reading
) -> Merged | None:
    """Apply `delta` to `base`. None where the base exists but cannot be read, which says nothing of the delta.

    Raises MergeRefused with the first thing archiving would stop at. The delta must have been read under the
    same reading of fences as `reading` gives.
    """
    if reading is openspec_reading and not isinstance(base, Fault):
        return _merge_once(delta, base, change)
    return _merge(delta, base, change, reading)


# Validation merges to see whether archiving would refuse, and the rehearsal then merges the very same.
@lru_cache(maxsize=16)
def _merge_once(delta: Delta, base: Document | None, change: str) -> Merged | None:
    return _merge(delta, base, change, openspec_reading)


def _merge(delta: Delta, base: Document | Fault | None, change: str, reading: MaskOf) -> Merged | None:
    _refuse_unpaired(delta)
    _refuse_conflicts(delta)
    if delta.is_empty:
        raise MergeRefused("no operation was read from the delta")
    if isinstance(base, Fault):
        return None
    notes: list[str] = []
    if base is None:
        target = _new_spec(delta, change, reading, notes)
    else:
        target = base
        own = purpose_section(delta.document.raw)
        existing = purpose_section(base.raw) if own else None
        if own and existing and own != existing:
            notes.append("the delta's Purpose is ignored, because the spec already has another")
    mask = reading(target)
    problems = list(structure_issues(target, mask))
    if problems:
        listed = "; ".join(f"line {p.line + 1}: {p.message}" for p in problems)
        raise MergeRefused(f"the main spec must be repaired first: {listed}")
    spec = read_spec(delta.id, target, None if mask is target.openspec_mask else mask)
    work = Blocks.of(spec.section.blocks if spec.section else ())
    work.rename(delta)
    work.remove(delta, is_new=base is None)
    work.modify(delta)
    work.add(delta)
    kept, tails = work.assemble()
    return Merged(
        text=rebuild(target, spec.section, kept),
        file=base.file if base else delta.document.file,
        base=base,
        added=work.added,
        modified=work.modified,
        removed=work.removed,
        renamed=work.renamed,
        has_blocks=bool(kept),
        lost_tails=tuple(tails),
        already_removed=tuple(work.already_removed),
        notes=tuple(notes),
    )


def _refuse_unpaired(delta: Delta) -> None:
    if delta.unpaired_renames:
        first = delta.unpaired_renames[0]
        other = "TO" if first.side == "FROM" else "FROM"
        raise MergeRefused(f'RENAMED {first.side} "{first.name}" has no {other} line', first.line)


def _refuse_conflicts(delta: Delta) -> None:
    def refuse_repeats(where: str, names: Sequence[tuple[str, int]]) -> dict[str, int]:
        seen: dict[str, int] = {}
        for name, line in names:
            if name in seen:
                raise MergeRefused(f'"{name}" stands twice in {where}', line)
            seen[name] = line
        return seen

    added = refuse_repeats("ADDED", [(b.name, b.line) for b in delta.added])
    modified = refuse_repeats("MODIFIED", [(b.name, b.line) for b in delta.modified])
    removed = refuse_repeats("REMOVED", [(r.name, r.line) for r in delta.removed])
    refuse_repeats("RENAMED (FROM)", [(r.source, r.line) for r in delta.renamed])
    refuse_repeats("RENAMED (TO)", [(r.target, r.target_line) for r in delta.renamed])
    removed_folds = {fold(name) for name in removed}
    for rename in delta.renamed:
        if fold(rename.source) in removed_folds:
            raise MergeRefused(f'"{rename.source}" is both RENAMED and REMOVED', rename.line)
        if rename.source in modified:
            raise MergeRefused(
                f'MODIFIED must name "{rename.target}", to which "{rename.source}" is renamed',
                modified[rename.source],
            )
        if rename.target in added:
            raise MergeRefused(f'"{rename.target}" is both a RENAMED target and ADDED', rename.target_line)
    for name, line in modified.items():
        for where, others in (("REMOVED", removed), ("ADDED", added)):
            if name in others:
                raise MergeRefused(f'"{name}" is both MODIFIED and {where}', line)
    for name, line in added.items():
        if name in removed:
            raise MergeRefused(f'"{name}" is both ADDED and REMOVED', line)


def _new_spec(delta: Delta, change: str, reading: MaskOf, notes: list[str]) -> Document:
    if delta.modified or delta.renamed:
        line = delta.modified[0].line if delta.modified else delta.renamed[0].line
        raise MergeRefused("the main spec does not exist, so only ADDED can be applied", line)
    if delta.removed:
        notes.append(f"{len(delta.removed)} REMOVED ignored: the spec is new")
    purpose = purpose_section(delta.document.raw)
    if purpose:
        carried = _skeleton(delta.id, purpose)
        overview = _readable_purpose(carried, delta.id, reading)
        if overview:
            if utf16_length(overview) < MIN_LENGTH:
                notes.append(f"the Purpose carried over has fewer than {MIN_LENGTH} characters")
            return carried
        notes.append("the delta's Purpose would make the new spec unreadable; a placeholder is written instead")
    return _skeleton(delta.id, placeholder(change))


def _skeleton(id: str, purpose: str) -> Document:
    text = f"# {id} Specification\n\n## Purpose\n{purpose}\n\n## Requirements\n"
    return Document(file=f"{id}/spec.md", data=text.encode("utf-8"))


def _readable_purpose(document: Document, id: str, reading: MaskOf) -> str | None:
    if "<!--" in document.raw or any(True for _ in structure_issues(document, reading(document))):
        return None
    spec = Spec(id=id, document=document, mask=reading(document))
    return spec.purpose if spec.purpose and spec.requirements_heading else None
