"""Drafts of the edits that a model proposes for a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow_cli.app.document_path import main_spec_of
from workflow_cli.app.fixes import Offer
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.edits.apply import apply_operations
from workflow_cli.domain.openspec.edits.page import PageKind
from workflow_cli.domain.openspec.edits.parse import parse_operations
from workflow_cli.domain.openspec.merge import SpecLookup
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft, FileChange, draft_of
from workflow_cli.errors import WorkflowError

RULE = "model-edit"


def offers_of(edits: Sequence[Mapping[str, Any]], change: Change, mains: SpecLookup, *, model: str) -> list[Offer]:
    """One draft an edit; those that the guards of editing refuse, or that change nothing, are left out."""
    documents = {document.file: document for document in change.documents}
    capabilities = {document.file: id for id, document in change.delta_documents}
    found: list[Offer] = []
    for edit in edits:
        document = documents.get(edit["path"])
        if document is None:
            continue
        main = mains(capabilities[document.file]) if main_spec_of(document.file) else None
        draft = _draft(edit, document, main if isinstance(main, Document) else None, model)
        if draft is not None:
            found.append(Offer(rule=RULE, path=document.file, draft=draft))
    return found


def _draft(edit: Mapping[str, Any], document: Document, main: Document | None, model: str) -> Draft | None:
    try:
        edited = apply_operations(
            PageKind.of(document.file),
            document.data,
            parse_operations([edit["operation"]]),
            path=document.file,
            main=main.data if main else None,
        )
    except WorkflowError:
        return None
    if not edited.edits:
        return None
    return draft_of(
        [FileChange(path=document.file, before=document.data, after=edited.data)],
        author=Author(kind=AuthorKind.MODEL, name=model),
        operations=list(edited.done),
        because=edit["because"] or None,
        provenance={"model": model},
    )
