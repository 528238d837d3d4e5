"""The tree around a change that is about to be written, read once."""

from __future__ import annotations

from functools import cached_property

from workflow_cli.app.ports import ProposalTree
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.check import check_spec
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Level, Place
from workflow_cli.domain.openspec.proposing.habits import Habits, habits_of
from workflow_cli.domain.openspec.proposing.overlap import KnownChange
from workflow_cli.domain.openspec.proposing.setup import ProjectSetup
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.openspec.rules.analyse import summarise
from workflow_cli.domain.openspec.spec import Spec, read_spec


class Surroundings:
    """`title` is that of the change, once it is known: it may choose among the languages of the tree."""

    def __init__(self, tree: ProposalTree) -> None:
        self.tree = tree
        self.title = ""

    @cached_property
    def setup(self) -> ProjectSetup:
        return self.tree.setup()

    @cached_property
    def open_names(self) -> tuple[str, ...]:
        return tuple(self.tree.change_names())

    @cached_property
    def open_changes(self) -> tuple[Change, ...]:
        return tuple(self.tree.read_change(name) for name in self.open_names)

    @cached_property
    def archived_changes(self) -> tuple[Change, ...]:
        return tuple(self.tree.read_archived(name) for name in self.tree.archived_names())

    @cached_property
    def mains(self) -> dict[str, Document]:
        """The main specs that can be read, by capability."""
        found = {spec.id: self.tree.read_spec_file(spec) for spec in self.tree.spec_files()}
        return {id: document for id, document in found.items() if isinstance(document, Document)}

    @cached_property
    def capabilities(self) -> frozenset[str]:
        return frozenset(spec.id for spec in self.tree.spec_files())

    @cached_property
    def summary(self) -> TreeSummary:
        return summarise((read_spec(id, document) for id, document in self.mains.items()), self.open_changes)

    @cached_property
    def habits(self) -> Habits:
        found = habits_of(self.open_changes, self.archived_changes, self.mains.values())
        return found.beside(self.title)

    @cached_property
    def known_changes(self) -> list[KnownChange]:
        return [
            *(_known(change, archived=False) for change in self.open_changes),
            *(_known(change, archived=True) for change in self.archived_changes),
        ]

    def main(self, id: str) -> Document | Fault | None:
        return self.tree.read_main(id)

    def spec(self, id: str) -> Spec | None:
        document = self.mains.get(id)
        return read_spec(id, document) if document else None

    def takes_deltas(self, id: str) -> bool:
        """Whether the main spec is sound enough for a delta to be archived into it."""
        spec = self.spec(id)
        return spec is not None and not any(f.refuses or f.level is Level.ERROR for f in check_spec(spec))

    def requirement_names(self, capability: str) -> set[str]:
        """Names taken in a capability, by its main spec and by what open changes add to it."""
        return {known.name for known in self.summary.requirements if known.capability == capability}


def _known(change: Change, *, archived: bool) -> KnownChange:
    proposal = change.proposal
    title = proposal.title if proposal else None
    if proposal is None or not title:
        return KnownChange(name=change.name, title=change.name, archived=archived, place=Place(file=change.directory))
    line = next(s.line for s in proposal.sections if s.level == 1)
    return KnownChange(name=change.name, title=title, archived=archived, place=proposal.document.place(line))
