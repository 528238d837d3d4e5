"""The documents of specs and changes, as rules are shown them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta, read_delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.requirement import Requirement, read_blocks
from workflow_cli.domain.openspec.rule import DocumentKind, DocumentSubject
from workflow_cli.domain.openspec.spec import Spec


def written_requirements(spec: Spec) -> tuple[Requirement, ...]:
    """Every `### Requirement:` block of a main spec, also those that OpenSpec passes over for want of a section.

    Their text is read by people all the same, and a spec that fails validation is where help is wanted.
    """
    return _blocks(spec.document)


# One spec is analysed twice in a row: by itself and within its tree.
@lru_cache(maxsize=4)
def _blocks(document: Document) -> tuple[Requirement, ...]:
    return tuple(read_blocks(document.lines, document.commonmark_mask, 0, len(document.lines))[0])


def written_delta(id: str, document: Document) -> Delta:
    return read_delta(id, document, document.commonmark_mask)


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
