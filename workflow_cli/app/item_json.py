"""An item of a report as plain JSON values, and back.

One shape serves the `json` format and the record that lets a second run reuse what the first one found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from workflow_cli.app.report import DraftOffer, DraftState, Item, ItemFault, ItemKind, Step, StepOutcome
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place

if TYPE_CHECKING:
    from workflow_cli.domain.questions.question import Question

Json = dict[str, Any]
T = TypeVar("T")


class BadItem(ValueError):
    """The value is not an item as `item_to_json` writes it; the message names the field."""


def item_to_json(item: Item) -> Json:
    """The item as JSON values."""
    return {
        "kind": item.kind.value,
        "id": item.id,
        "file": item.file,
        "valid": item.valid,
        "findings": [finding_to_json(finding) for finding in item.findings],
        "tolerated": [finding_to_json(finding) for finding in item.tolerated],
        "questions": [question_to_json(question) for question in item.questions],
        "drafts": [draft_to_json(draft) for draft in item.drafts],
        "steps": [
            {"name": step.name, "outcome": step.outcome.value, "milliseconds": step.milliseconds} for step in item.steps
        ],
        "fault": fault_to_json(item.fault) if item.fault else None,
    }


def finding_to_json(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "origin": finding.origin.value,
        "hint": finding.hint,
        "place": _place_to_json(finding.place),
        "refuses": finding.refuses,
        "score": finding.score,
    }


def question_to_json(question: Question) -> Json:
    answer = question.answer
    return {
        "id": question.id,
        "text": question.text,
        "why": question.why,
        "options": [{"text": option.text, "recommended": option.recommended} for option in question.options],
        "place": _place_to_json(question.place),
        "address": question.address,
        "impact": question.impact,
        "uncertainty": question.uncertainty,
        "blocking": question.blocking,
        "answer": {"text": answer.text, "source": answer.source.value, "by": answer.by} if answer else None,
        "by_hand": question.by_hand,
        "resolved": question.resolved,
    }


def draft_to_json(draft: DraftOffer) -> Json:
    return {
        "id": draft.id,
        "rule": draft.rule,
        "path": draft.path,
        "operations": list(draft.operations),
        "state": draft.state.value,
        "revision": draft.revision,
    }


def fault_to_json(fault: ItemFault) -> Json:
    return {"message": fault.message, "where": fault.where, "hint": fault.hint}


def _place_to_json(place: Place) -> Json:
    return {"file": place.file, "line": place.line, "column": place.column}


def item_from_json(data: Mapping[str, Any]) -> Item:
    """The item that `item_to_json` wrote. Raises BadItem for anything else."""
    return Item(
        kind=ItemKind(_choice(data, "kind", ItemKind)),
        id=_get(data, "id", str),
        file=_get(data, "file", str),
        valid=_maybe(data, "valid", bool),
        findings=tuple(finding_from_json(entry) for entry in _list(data, "findings")),
        tolerated=tuple(finding_from_json(entry) for entry in _list(data, "tolerated")),
        questions=tuple(question_from_json(entry) for entry in _list(data, "questions")),
        drafts=tuple(draft_from_json(entry) for entry in _list(data, "drafts")),
        steps=tuple(_step(entry) for entry in _list(data, "steps")),
        fault=_fault(data),
    )


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """The finding that `finding_to_json` wrote. Raises BadItem for anything else."""
    return Finding(
        rule=_get(data, "rule", str),
        level=Level(_choice(data, "level", Level)),
        path=_get(data, "path", str),
        line=_maybe(data, "line", int),
        message=_get(data, "message", str),
        origin=Origin(_choice(data, "origin", Origin)),
        place=_place(data),
        hint=_maybe(data, "hint", str),
        refuses=_get(data, "refuses", bool),
        score=_maybe(data, "score", float),
    )


def question_from_json(data: Mapping[str, Any]) -> Question:
    """The question that `question_to_json` wrote. Raises BadItem for anything else."""
    from workflow_cli.domain.questions.question import Answer, AnswerSource, Option, Question

    answer = _maybe(data, "answer", dict)
    return Question(
        id=_get(data, "id", str),
        text=_get(data, "text", str),
        why=_get(data, "why", str),
        options=tuple(
            Option(text=_get(entry, "text", str), recommended=_get(entry, "recommended", bool))
            for entry in _list(data, "options")
        ),
        place=_place(data),
        address=_maybe(data, "address", str),
        impact=_number(data, "impact"),
        uncertainty=_number(data, "uncertainty"),
        blocking=_get(data, "blocking", bool),
        answer=Answer(
            text=_get(answer, "text", str),
            source=AnswerSource(_choice(answer, "source", AnswerSource)),
            by=_maybe(answer, "by", str),
        )
        if answer is not None
        else None,
        by_hand=_get(data, "by_hand", bool),
        resolved=_get(data, "resolved", bool),
    )


def draft_from_json(data: Mapping[str, Any]) -> DraftOffer:
    """The draft that `draft_to_json` wrote. Raises BadItem for anything else."""
    operations = _list(data, "operations")
    if not all(isinstance(operation, str) for operation in operations):
        raise BadItem("'operations' is not a list of texts")
    return DraftOffer(
        id=_get(data, "id", str),
        rule=_get(data, "rule", str),
        path=_get(data, "path", str),
        operations=tuple(operations),
        state=DraftState(_choice(data, "state", DraftState)),
        revision=_maybe(data, "revision", int),
    )


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        name=_get(data, "name", str),
        outcome=StepOutcome(_choice(data, "outcome", StepOutcome)),
        milliseconds=_number(data, "milliseconds"),
    )


def _fault(data: Mapping[str, Any]) -> ItemFault | None:
    fault = _maybe(data, "fault", dict)
    if fault is None:
        return None
    return ItemFault(
        message=_get(fault, "message", str), where=_maybe(fault, "where", str), hint=_maybe(fault, "hint", str)
    )


def _place(data: Mapping[str, Any]) -> Place:
    place = _get(data, "place", dict)
    return Place(file=_get(place, "file", str), line=_maybe(place, "line", int), column=_maybe(place, "column", int))


def _get(data: Mapping[str, Any], key: str, kind: type[T]) -> T:
    value = data.get(key) if isinstance(data, Mapping) else None
    # bool is an int in Python, but not in JSON.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadItem(f"{key!r} is not of type {kind.__name__}")
    return value


def _maybe(data: Mapping[str, Any], key: str, kind: type[T]) -> T | None:
    if isinstance(data, Mapping) and key in data and data[key] is None:
        return None
    return _get(data, key, kind)


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    return _get(data, key, list)


def _number(data: Mapping[str, Any], key: str) -> float:
    value = data.get(key) if isinstance(data, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadItem(f"{key!r} is not a number")
    return float(value)


def _choice(data: Mapping[str, Any], key: str, kind: Any) -> str:
    value = _get(data, key, str)
    if value not in set(kind):
        raise BadItem(f"{key!r} is {value!r}, which is not one of {', '.join(kind)}")
    return value
