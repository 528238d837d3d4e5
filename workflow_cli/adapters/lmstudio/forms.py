"""The forms in which a model can be asked for JSON, from the strictest to the plainest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from workflow_cli.domain.answering.json_schema import simplified


class Form(StrEnum):
    """How the reply is to be formed; the values are what is remembered."""

    SCHEMA = "json_schema"
    """The schema binds the model, by a grammar of the engine."""
    QUIET = "json_schema_no_reasoning"
    """The same with reasoning switched off, for models whose thinking uses up the whole reply."""
    PLAIN = "plain"
    """Only the prompt asks for JSON."""
    OBJECT = "json_object"
    """For servers that know this form and not the first; LM Studio refuses it."""


def in_order(remembered: Form | None) -> Sequence[Form]:
    """All forms, the one that worked before first."""
    return [*([remembered] if remembered else []), *(form for form in Form if form is not remembered)]


def fields_of(form: Form, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a request has to hold for this form."""
    if form is Form.PLAIN:
        return {}
    simple = _simple(schema)
    if form is Form.OBJECT:
        return {"response_format": {"type": "json_object", "schema": simple}}
    wanted = {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": simple}}
    return {"response_format": wanted, **({"reasoning_effort": "none"} if form is Form.QUIET else {})}


def needs_instruction(form: Form) -> bool:
    """Whether the prompt itself has to tell the schema."""
    return form in (Form.PLAIN, Form.OBJECT)


def schema_text(schema: Mapping[str, Any]) -> str:
    return json.dumps(_simple(schema), ensure_ascii=False)


def _simple(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return simplified(schema)
    except ValueError:
        return schema  # it refers to itself; engines that cannot take that refuse it, and the next form is tried
