"""The four operations of a delta, carried out on a spec's requirement blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.requirement import Requirement, fold, lost_scenarios
from workflow_cli.domain.openspec.text import trim, trim_end


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


@dataclass
class Blocks:
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
    def of(cls, originals: Sequence[Requirement]) -> Blocks:
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
