"""The documents of specs and changes, as rules are shown them."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.rule import DocumentKind, DocumentSubject
from workflow_cli.domain.openspec.spec import Spec
from workflow_cli.domain.openspec.written import written_delta, written_requirements


def spec_document(spec: Spec) -> DocumentSubject:
    return DocumentSubject(
        document=spec.document,
        kind=DocumentKind.SPEC,
        capability=spec.id,
        requirements=written_requirements(spec),
    )


def change_documents(change: Change) -> Iterator[DocumentSubject]:
    """The documents of a change as rules are shown them, deltas first."""
    own = frozenset(id for id, _ in change.delta_documents)

    def subject(
        document: Document,
        kind: DocumentKind,
        capability: str | None = None,
        requirements: tuple[Requirement, ...] = (),
    ) -> DocumentSubject:
        return DocumentSubject(
            document=document,
            kind=kind,
            capability=capability,
            change=change.name,
            requirements=requirements,
            own_capabilities=own,
        )

    for id, document in change.delta_documents:
        delta = written_delta(id, document)
        yield subject(document, DocumentKind.DELTA, id, delta.added + delta.modified)
    if change.proposal:
        yield subject(change.proposal.document, DocumentKind.PROPOSAL)
    if change.design:
        yield subject(change.design, DocumentKind.DESIGN)
    for _, document in change.task_documents:
        yield subject(document, DocumentKind.TASKS)
