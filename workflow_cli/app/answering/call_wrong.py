"""`ask --wrong`: an answer that is not true is forgotten, and kept as a case that answers are tried with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.app.answering.answer_json import kept_json
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import QuestionQueue
    from workflow_cli.app.answering.routing_ports import AnswerCache
    from workflow_cli.app.ports import Clock, EventLog


@dataclass(frozen=True, kw_only=True, slots=True)
class CalledWrong:
    """What was called wrong, and the file the case is in."""

    id: str
    question: str
    answer: str
    file: str


def call_wrong(
    id: str,
    *,
    cache: AnswerCache,
    queue: QuestionQueue | None,
    keep: Callable[[Mapping[str, Any]], str],
    events: EventLog,
    clock: Clock,
    by: str | None,
) -> CalledWrong:
    """Evict the answer once its case is kept. Raises UsageError for an id that no answer has."""
    kept = cache.by_id(id)
    if kept is None:
        entry = queue.get(id) if queue is not None else None
        if entry is not None and entry.answer is not None:
            raise UsageError(
                "that answer was given by a person, who stands for it",
                where=id,
                hint=f"give a better one: workflow questions answer {id} TEXT --replace",
            )
        raise UsageError(
            "no answer of that id is kept",
            where=id,
            hint="ask again, and take the id that is shown then; an answer is dropped when what it cites changes",
        )
    answer = kept_json(kept.answer)
    sources = [
        {**source, "section_hash": hash}
        for source, hash in zip(answer["sources"], answer["section_hashes"], strict=True)
    ]
    now = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    file = keep(
        {
            "schema_version": 1,
            "id": id,
            "at": now,
            "by": by,
            "question": kept.question,
            "question_kind": kept.kind,
            "change": kept.change,
            "context": dict(kept.context),
            "status": answer["status"],
            "answer": answer["text"],
            "answerer": answer["answerer"],
            "model": answer["model"],
            "confidence": answer["confidence"],
            "sources": sources,
        }
    )
    cache.evict(id)
    events.append(
        {
            "kind": "question.wrong",
            "answer_id": id,
            "question_hash": kept.key[:32],
            "answerer": kept.answer.answerer,
            "model": kept.answer.model,
            "confidence": round(kept.answer.confidence, 3),
            "by": by,
        }
    )
    return CalledWrong(id=id, question=kept.question, answer=kept.answer.text, file=file)
