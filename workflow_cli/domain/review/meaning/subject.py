"""A draft as policy rules are shown it: its specs and deltas set side by side with what they were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from workflow_cli.domain.openspec.document import Document, shared_document
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.written import written_delta, written_requirements
from workflow_cli.domain.review.draft import Draft, FileChange
from workflow_cli.domain.review.meaning.comparison import (
    Comparison,
    RequirementPair,
    TextPair,
    compare,
    matched,
)
from workflow_cli.domain.review.policy import Policy

SPEC_PATH = re.compile(r"openspec/specs/(?P<id>.+)/spec\.md")
DELTA_PATH = re.compile(r"openspec/changes/(?!archive/)[^/]+/specs/(?P<id>.+)/spec\.md")

#: Requirements, by the path of their main spec, that an archived change says it modifies, removes or renames.
Announced = Mapping[str, frozenset[str]]

#: The requirements before and after, in their order.
Sides = tuple[Sequence[Requirement], Sequence[Requirement]]


@dataclass(frozen=True)
class ComparedFile:
    """One spec or delta under one reading of its headings."""

    change: FileChange
    is_delta: bool
    comparison: Comparison

    @property
    def path(self) -> str:
        return self.change.path


@dataclass(frozen=True)
class Subject:
    """What rules look at. `files` has a file twice where OpenSpec and people read its headings differently."""

    draft: Draft
    policy: Policy
    announced: Announced = field(default_factory=dict)
    taken_back: frozenset[str] = frozenset()

    @cached_property
    def files(self) -> tuple[ComparedFile, ...]:
        written: list[ComparedFile] = []
        other: list[ComparedFile] = []
        for change in self.draft.files:
            is_delta = DELTA_PATH.fullmatch(change.path) is not None
            if not (self._judges_delta(change.path) if is_delta else SPEC_PATH.fullmatch(change.path)):
                continue
            for_people, for_openspec = _sides(change, "written", is_delta), _sides(change, "openspec", is_delta)
            file = self._compared(change, for_people, is_delta)
            written.append(file)
            if for_people != for_openspec:
                twin = self._compared(change, for_openspec, is_delta)
                if _blocks(twin) != _blocks(file):
                    other.append(twin)
        return (*_with_moves_between_specs(written), *_with_moves_between_specs(other))

    def _judges_delta(self, path: str) -> bool:
        return self.policy.deltas and path not in self.taken_back

    def _compared(self, change: FileChange, sides: Sides, is_delta: bool) -> ComparedFile:
        names = frozenset() if is_delta else self.announced.get(change.path, frozenset())
        return ComparedFile(change, is_delta, compare(*sides).without(names))

    @property
    def pairs(self) -> Iterator[tuple[ComparedFile, RequirementPair]]:
        for file in self.files:
            for pair in file.comparison.pairs:
                if pair.before.lines != pair.after.lines or pair.before.mask != pair.after.mask:
                    yield file, pair

    @property
    def texts(self) -> Iterator[tuple[ComparedFile, TextPair]]:
        for file, pair in self.pairs:
            for text in pair.texts:
                if text.before or text.after:
                    yield file, text


def _sides(change: FileChange, reading: str, is_delta: bool) -> Sides:
    read = _delta if is_delta else _spec
    return read(change.path, change.before, reading), read(change.path, change.after, reading)


def _spec(path: str, data: bytes | None, reading: str) -> Sequence[Requirement]:
    if data is None:
        return ()
    spec = read_spec(_capability(path), shared_document(path, data))
    return spec.requirements if reading == "openspec" else written_requirements(spec)


def _delta(path: str, data: bytes | None, reading: str) -> Sequence[Requirement]:
    if data is None:
        return ()
    document, id = shared_document(path, data), _capability(path)
    if reading == "openspec":
        from workflow_cli.domain.openspec.delta import read_delta

        delta = read_delta(id, document)
    else:
        delta = written_delta(id, document)
    return delta.added + delta.modified


def _capability(path: str) -> str:
    """The id that the path of a main spec or delta gives, so that what others have read of it can be used."""
    found = SPEC_PATH.fullmatch(path) or DELTA_PATH.fullmatch(path)
    return found["id"] if found else path


def _blocks(file: ComparedFile) -> tuple[object, ...]:
    comparison = file.comparison
    return [(p.before.lines, p.after.lines) for p in comparison.pairs], [r.lines for r in comparison.lost]


def _with_moves_between_specs(files: Sequence[ComparedFile]) -> list[ComparedFile]:
    """A requirement that left one main spec and came to another in the same draft is the same requirement."""
    gained = [r for file in files if not file.is_delta for r in file.comparison.gained]
    if not gained:
        return list(files)
    moved = []
    for file in files:
        if file.is_delta or not file.comparison.lost:
            moved.append(file)
            continue
        pairs, lost, gained = matched(file.comparison.lost, gained, lambda r: r.name, lambda r: r.lines[1:])
        comparison = replace(
            file.comparison,
            pairs=(*file.comparison.pairs, *(RequirementPair(one, other) for one, other in pairs)),
            lost=tuple(lost),
        )
        moved.append(replace(file, comparison=comparison))
    return moved


def announced(path: str, deltas: Sequence[Document]) -> frozenset[str]:
    """The requirements that deltas for the main spec at `path` say they add, modify, remove or rename."""
    names: set[str] = set()
    for document in deltas:
        delta = written_delta(_capability(path), document)
        # ADDED too, for the day on which the archiving is taken back.
        names.update(block.name for block in (*delta.added, *delta.modified))
        names.update(removal.name for removal in delta.removed)
        names.update(rename.source for rename in delta.renamed)
        # A MODIFIED block may name the requirement as it is called after its renaming.
        names.update(rename.target for rename in delta.renamed)
    return frozenset(names)
