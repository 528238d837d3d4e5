"""Edits that a model proposes, as operations of the ordinary vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_cli.domain.answering.reply import plain_line
from workflow_cli.domain.model_review.reading import Excerpt
from workflow_cli.domain.openspec.edits.operation import Operation
from workflow_cli.domain.openspec.edits.parse import parse_operations
from workflow_cli.errors import FaultyInput

#: Which field of an operation the model's `name` is.
_NAMED = {
    "add-scenario": "requirement",
    "modify-requirement": "requirement",
    "add-requirement": "name",
    "append-section": "section",
    "set-section": "section",
    "add-task": "group",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelEdit:
    """An operation on one document, and the model's reason for it. Nothing of it is carried out unseen."""

    path: str
    operation: Operation
    because: str


def read_edit(one: Mapping[str, Any], shown: Sequence[Excerpt]) -> ModelEdit | None:
    """The edit of a value that satisfies EDIT_SCHEMA; None where it names no document that was shown, or is no
    complete operation. A path never comes from the model: it chooses among the documents by number."""
    try:
        return edit_of(one, shown)
    except FaultyInput:
        return None


def edit_of(one: Mapping[str, Any], shown: Sequence[Excerpt]) -> ModelEdit:
    """As `read_edit`. Raises FaultyInput with every fault, in words that the model can act on."""
    document = one["document"]
    if not 1 <= document <= len(shown):
        raise FaultyInput((f"document: there is no document {document}; there are {len(shown)}",), what="the edits")
    op, text = one["op"], one["text"].strip("\n")
    name = plain_line(one["name"]) or None
    value: dict[str, Any] = {"op": op, _NAMED[op]: name, "text": text or None}
    scenario = plain_line(one["scenario"]) or None
    if op == "add-scenario":
        value["name"] = scenario
    elif op == "add-task":
        value["text"] = plain_line(text) or None
    elif op == "modify-requirement" and "#### " in text:
        value["block"] = value.pop("text")
    (operation,) = parse_operations([value])
    return ModelEdit(path=shown[document - 1].path, operation=operation, because=plain_line(one["because"]))
