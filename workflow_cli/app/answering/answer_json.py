"""An answer as JSON has it: what commands print, and what processes hand to each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workflow_cli.domain.answering.answer import Answer, AnswerStatus, RouteStep, Source, StepOutcome


def answer_json(answer: Answer) -> dict[str, Any]:
    """The payload `answer`; every field is always there."""
    return {
        "id": answer.id,
        "text": answer.text,
        "status": answer.status.value,
        "answerer": answer.answerer,
        "confidence": round(answer.confidence, 3),
        "unsourced": answer.unsourced,
        "model": answer.model,
        "by": answer.by,
        "by_agent": answer.by_agent,
        "sources": [
            {"path": source.path, "line": source.line, "address": source.address, "quote": source.quote}
            for source in answer.sources
        ],
        "route": route_json(answer.route),
    }


def route_json(route: Iterable[RouteStep]) -> list[dict[str, Any]]:
    """Who was asked, in their order; of an answer, or of a question that nobody could answer."""
    return [
        {
            "answerer": step.answerer,
            "reason": step.reason,
            "milliseconds": round(step.milliseconds, 3),
            "outcome": step.outcome.value,
            "failure": step.failure,
            "attempts": step.attempts,
        }
        for step in route
    ]


def kept_json(answer: Answer) -> dict[str, Any]:
    """As `answer_json`, and enough more to have the very answer again."""
    value = answer_json(answer)
    value["confidence"] = answer.confidence
    value["section_hashes"] = [source.section_hash for source in answer.sources]
    return value


def read_kept(value: Any) -> Answer:
    """The answer of `kept_json`. Raises ValueError, TypeError or KeyError for anything else."""
    hashes = value["section_hashes"]
    return Answer(
        id=str(value["id"]),
        text=str(value["text"]),
        status=AnswerStatus(value["status"]),
        answerer=str(value["answerer"]),
        confidence=float(value["confidence"]),
        unsourced=bool(value["unsourced"]),
        model=value["model"],
        by=value["by"],
        by_agent=value.get("by_agent", False) is True,  # what an older version kept does not say
        sources=tuple(
            Source(**source, section_hash=hash) for source, hash in zip(value["sources"], hashes, strict=True)
        ),
        route=tuple(RouteStep(**{**step, "outcome": StepOutcome(step["outcome"])}) for step in value["route"]),
    )
