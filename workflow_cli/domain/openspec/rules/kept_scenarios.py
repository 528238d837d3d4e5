"""MODIFIED requirements beside the main requirements they replace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.requirement import Requirement, Scenario
from workflow_cli.domain.openspec.rule import ChangeSubject
from workflow_cli.domain.openspec.written import written_delta, written_requirements


@dataclass(frozen=True, slots=True)
class Modification:
    """A MODIFIED requirement of a delta with the one of the main spec that it replaces."""

    document: Document
    current: Requirement
    incoming: Requirement

    @property
    def kept(self) -> Iterator[tuple[Scenario, Scenario]]:
        """Scenarios of the same name, the current one first; a name that occurs twice is left out."""
        current = [s.name for s in self.current.scenarios]
        incoming = {s.name: s for s in self.incoming.scenarios}
        for scenario in self.current.scenarios:
            if scenario.name in incoming and current.count(scenario.name) == 1:
                yield scenario, incoming[scenario.name]


def modifications(subject: ChangeSubject) -> Iterator[Modification]:
    """Each MODIFIED block whose requirement the main spec has, through renames in the same delta."""
    for id, document in subject.change.delta_documents:
        main = subject.mains.get(id)
        if main is None:
            continue
        current = {r.name: r for r in written_requirements(main)}
        delta = written_delta(id, document)
        sources = {rename.target: rename.source for rename in delta.renamed}
        for incoming in delta.modified:
            before = current.get(sources.get(incoming.name, incoming.name))
            if before is not None:
                yield Modification(document, before, incoming)
