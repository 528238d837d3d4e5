"""The form a model's review has to have."""

from __future__ import annotations

from typing import Any

MOST_FINDINGS = 10
MOST_QUESTIONS = 5
MOST_EDITS = 5

#: What a finding may be about; the rule's id is `model-` and one of these.
KINDS = ("contradiction", "ambiguity", "missing-case", "untestable", "wrong-reference", "inconsistency", "other")

#: What a model may propose to do to a document. Nothing that removes or renames: that is for people to begin.
EDITS = ("add-scenario", "modify-requirement", "add-requirement", "add-task", "append-section", "set-section")

TEXT = {"type": "string"}
_DOCUMENT = {"type": "integer", "minimum": 1}


def all_of(**properties: Any) -> dict[str, Any]:
    """An object with just these properties. All are required: local models leave out what they may leave out."""
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


#: One edit. Fields that its operation has no use for are empty.
EDIT_SCHEMA: dict[str, Any] = all_of(
    document=_DOCUMENT,
    op={"type": "string", "enum": list(EDITS)},
    name=TEXT,
    text=TEXT,
    scenario=TEXT,
    because=TEXT,
)

REVIEW_SCHEMA: dict[str, Any] = all_of(
    findings={
        "type": "array",
        "maxItems": MOST_FINDINGS,
        "items": all_of(
            document=_DOCUMENT,
            quote=TEXT,
            kind={"type": "string", "enum": list(KINDS)},
            severity={"type": "string", "enum": ["warning", "info"]},
            message=TEXT,
            suggestion=TEXT,
        ),
    },
    questions={
        "type": "array",
        "maxItems": MOST_QUESTIONS,
        "items": all_of(
            document=_DOCUMENT,
            quote=TEXT,
            question=TEXT,
            why=TEXT,
            options={"type": "array", "minItems": 2, "maxItems": 4, "items": TEXT},
            recommended={"type": "integer", "minimum": 1, "maximum": 4},
        ),
    },
    edits={"type": "array", "maxItems": MOST_EDITS, "items": EDIT_SCHEMA},
)

EDITS_SCHEMA: dict[str, Any] = all_of(edits={"type": "array", "maxItems": 20, "items": EDIT_SCHEMA})
