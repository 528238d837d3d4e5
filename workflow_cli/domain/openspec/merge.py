"""Applying one delta to one main spec in memory, byte for byte as archiving does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.fence import text_mask
from workflow_cli.domain.openspec.purpose import MIN_LENGTH, placeholder, purpose_section
from workflow_cli.domain.openspec.requirement import Requirement, fold, lost_scenarios
from workflow_cli.domain.openspec.spec import RequirementsSection, Spec, read_spec
from workflow_cli.domain.openspec.structure import structure_issues
from workflow_cli.domain.openspec.text import trim, trim_end, utf16_length

#: Gives the current main spec of a capability: its document, why it cannot be read, or None.
SpecLookup = Callable[[str], Document | Fault | None]

#: Which reading of fences to merge under: OpenSpec's own, or CommonMark's.
MaskOf = Callable[[Document], Sequence[bool]]


def openspec_reading(document: Document) -> Sequence[bool]:
    return document.openspec_mask


class MergeRefused(Exception):
    """Archiving would stop here. `line`, counted from 0, points into the delta where one place is to blame."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, kw_only=True, slots=True)
class LostTail:
    """Foreign content under a heading inside a requirement block, which goes when the block goes."""

    heading: str
    requirement: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """The rebuilt spec as `text` with LF line ends, and what was done to get there.

    `base` is None for a new spec. Counts leave out operations that had already been carried out.
    """

    text: str
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
    work = _Blocks.of(spec.section.blocks if spec.section else ())
    work.rename(delta)
    work.remove(delta, is_new=base is None)
    work.modify(delta)
    work.add(delta)
    kept, tails = work.assemble()
    return Merged(
        text=_rebuild(target, spec.section, kept),
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


@dataclass
class _Blocks:
    """The blocks while operations are applied: by name, by slot, and by folded name for near misses.

    Two originals may share a name, because a header such as `###Requirement:` escapes the duplicate check.
    Then the later one stands in both slots, as it does in OpenSpec.
    """

    originals: Sequence[Requirement]
    by_name: dict[str, Requirement]
    slots: list[str]
    folded: dict[str, dict[str, None]] = field(default_factory=dict)
    added: int = 0
    modified: int = 0
    removed: int = 0
    renamed: int = 0
    already_removed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, originals: Sequence[Requirement]) -> _Blocks:
        blocks = cls(originals=originals, by_name={}, slots=[b.name for b in originals])
        for block in originals:
            blocks._put(block)
        return blocks

    def _put(self, block: Requirement) -> None:
        self.by_name[block.name] = block
        self.folded.setdefault(fold(block.name), {})[block.name] = None

    def _drop(self, name: str) -> Requirement:
        del self.folded[fold(name)][name]
        return self.by_name.pop(name)

    def _near_miss(self, name: str, *, other_than: str | None = None) -> str | None:
        return next((n for n in self.folded.get(fold(name), ()) if n != other_than), None)

    def rename(self, delta: Delta) -> None:
        slot_of: dict[str, int] = {}
        for index, name in enumerate(self.slots):
            slot_of.setdefault(name, index)
        for rename in delta.renamed:
            source, target = rename.source, rename.target
            if source not in self.by_name:
                if target not in self.by_name:
                    raise MergeRefused(f'RENAMED: there is no requirement "{source}"', rename.line)
                if near := self._near_miss(source, other_than=target):
                    raise MergeRefused(
                        f'RENAMED: there is no requirement "{source}", but there is "{near}"', rename.line
                    )
                continue
            if target in self.by_name:
                raise MergeRefused(f'RENAMED: "{target}" already exists', rename.target_line)
            if near := self._near_miss(target, other_than=source):
                raise MergeRefused(
                    f'RENAMED: "{target}" differs from the existing "{near}" only in case or spacing',
                    rename.target_line,
                )
            self._put(self._drop(source).renamed(target))
            slot = slot_of.pop(source)
            self.slots[slot] = target
            slot_of[target] = slot
            self.renamed += 1

    def remove(self, delta: Delta, *, is_new: bool) -> None:
        for removal in delta.removed:
            if removal.name in self.by_name:
                self._drop(removal.name)
                self.removed += 1
            elif not is_new:
                if near := self._near_miss(removal.name):
                    raise MergeRefused(
                        f'REMOVED: there is no requirement "{removal.name}", but there is "{near}"', removal.line
                    )
                self.already_removed.append(removal.name)

    def modify(self, delta: Delta) -> None:
        for block in delta.modified:
            current = self.by_name.get(block.name)
            if current is None:
                raise MergeRefused(f'MODIFIED: there is no requirement "{block.name}"', block.line)
            if lost := lost_scenarios(current, block):
                raise MergeRefused(
                    f'MODIFIED "{block.name}" leaves out {", ".join(repr(n) for n in lost)} of the current spec',
                    block.line,
                )
            if trim(current.raw) != trim(block.raw):
                self.modified += 1
            self._put(block)

    def add(self, delta: Delta) -> None:
        for block in delta.added:
            if existing := self.by_name.get(block.name):
                if trim(existing.raw) == trim(block.raw):
                    continue
                raise MergeRefused(f'ADDED: "{block.name}" already exists', block.line)
            if near := self._near_miss(block.name):
                raise MergeRefused(
                    f'ADDED: "{block.name}" differs from the existing "{near}" only in case or spacing', block.line
                )
            self._put(block)
            self.added += 1

    def assemble(self) -> tuple[list[Requirement], list[LostTail]]:
        """The blocks in their order, and the foreign content that went with replaced ones."""
        kept: list[Requirement] = []
        tails: list[LostTail] = []
        for original, name in zip(self.originals, self.slots, strict=True):
            replacement = self.by_name.get(name)
            if replacement is not None:
                kept.append(replacement)
            if replacement is not original and (tail := _lost_tail(original, replacement)):
                tails.append(tail)
        in_slots = {name for name in self.slots if name in self.by_name}
        kept.extend(block for name, block in self.by_name.items() if name not in in_slots)
        return kept, tails


_FOREIGN_HEADING = re.compile(r" {0,3}#{1,3}(?:[ \t]|\Z)")


def foreign_tail(block: Requirement) -> tuple[int, str] | None:
    """Where content begins that is no part of the requirement: a heading of level 1 to 3. Line from 0, and text."""
    for index in range(1, len(block.lines)):
        line = block.lines[index]
        if "#" in line and not block.mask[index] and _FOREIGN_HEADING.match(line):
            return block.line + index, trim_end("\n".join(block.lines[index:]))
    return None


def _lost_tail(original: Requirement, replacement: Requirement | None) -> LostTail | None:
    tail = foreign_tail(original)
    if tail is None:
        return None
    line, text = tail
    needle = trim(text)
    if replacement and trim(replacement.raw).count(needle) >= trim(original.raw).count(needle):
        return None
    return LostTail(heading=trim(text.split("\n", 1)[0]), requirement=original.name, line=line)


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


def _rebuild(target: Document, section: RequirementsSection | None, kept: Sequence[Requirement]) -> str:
    if section is None:
        before, header, preamble, after = trim_end(target.raw), "## Requirements", "", ""
    else:
        lines = target.lines
        before = trim_end("\n".join(lines[: section.line]))
        header = lines[section.line]
        preamble = trim_end("\n".join(section.preamble))
        after = trim("\n".join(lines[section.end :]))
    body = trim_end("\n\n".join([*([preamble] if preamble else []), *(block.raw for block in kept)]))
    parts = [part for part in (before, header, body, after) if part]
    return trim_end(_collapse_blank_lines("\n\n".join(parts))) + "\n"


def _collapse_blank_lines(text: str) -> str:
    if "\n\n\n" not in text:
        return text
    lines = text.split("\n")
    mask = text_mask(text, lines)

    def kept() -> Iterator[str]:
        blank_before = False
        for line, masked in zip(lines, mask, strict=True):
            blank = not masked and line == ""
            if not (blank and blank_before):
                yield line
            blank_before = blank

    return "\n".join(kept())


_LONE_LF = re.compile(r"(?<!\r)\n")


def with_line_ends_of(text: str, original: str) -> str:
    """`text` with the line ends that prevail in `original` (CRLF on a tie); unchanged where it has none."""
    crlf = original.count("\r\n")
    lf = len(_LONE_LF.findall(original))
    if crlf == 0 and lf == 0:
        return text
    unified = text.replace("\r\n", "\n")
    return unified.replace("\n", "\r\n") if crlf >= lf else unified
