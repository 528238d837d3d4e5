"""What a reply comes to: its text, the value a schema asked for, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow_cli.adapters.lmstudio.conversation import Said
from workflow_cli.adapters.lmstudio.failures import ServerFailed
from workflow_cli.adapters.lmstudio.forms import Form
from workflow_cli.domain.answering.failure import FailureKind
from workflow_cli.domain.answering.json_schema import faults
from workflow_cli.domain.answering.visible_text import json_in, visible_text


def is_about_form(failed: ServerFailed, form: Form) -> bool:
    """Whether another form may be taken: the server refused this one, or it may have been the form."""
    if failed.about_form:
        return True
    kinds = (FailureKind.BAD_REPLY, FailureKind.OVERLOADED)
    return form is not Form.PLAIN and failed.status in (400, 422, 500, 501) and failed.kind in kinds


def thought_only(said: Said) -> bool:
    """Whether nothing but thinking came before the reply was cut."""
    return not visible_text(said.content) and not said.calls and said.cut


def text_of(said: Said) -> str:
    """Where the reply is: in some builds a schema binds the reasoning, and the JSON is there."""
    return visible_text(said.content) or visible_text(said.reasoning) or said.arguments


def data_of(said: Said, schema: Mapping[str, Any]) -> tuple[Any, Sequence[str]]:
    """The value that satisfies the schema, or what is wrong with the reply."""
    wrong: Sequence[str] = ("there is no JSON in it",)
    channels = [said.content] if visible_text(said.content) else [said.reasoning, said.arguments]
    for text in filter(str.strip, channels):
        # Thinking that was cut may hold a draft of the reply.
        if text is said.reasoning and said.cut and not text.strip().endswith("}"):
            continue
        try:
            value = json_in(text)
        except (ValueError, RecursionError) as error:
            wrong = (str(error),)
            continue
        wrong = faults(value, schema)
        if not wrong:
            return value, ()
    return None, wrong
