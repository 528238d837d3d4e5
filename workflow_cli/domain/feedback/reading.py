"""What is read of an event to count it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from workflow_cli.domain.events.kinds import (
    ANSWERED,
    DRAFT,
    FINDING_VERDICT,
    ITEM,
    MODEL_CALL,
    QUESTION,
    TOOL_CALL,
    VERDICT,
    WRONG,
)


class Event(Protocol):
    """A line of the log, each of its fields of the right form. Further fields are those that its kind has."""

    event_id: str
    ts: datetime
    kind: str
    outcome: str | None
    error: str | None
    duration_ms: float | None
    change: str | None
    item: str | None
    faults: tuple[str, ...] | None


#: What is read of a kind of event, beside what is read of every event.
READ_OF_EVERY = ("event_id", "ts", "outcome", "error", "duration_ms", "change", "item", "faults")
READ = {
    QUESTION: (
        "answer_id", "question_hash", "terms_hash", "topic", "question_kind", "asker", "status", "answerer", "cites", "route",
        "retrieval", "model", "cached", "experiment", "arm", "unit",
    ),
    MODEL_CALL: ("purpose", "failure", "model", "tokens"),
    ITEM: ("valid", "fault", "rules"),
    DRAFT: ("draft", "author_kind", "author"),
    TOOL_CALL: ("server", "tool"),
    VERDICT: ("answer_id", "answerer", "model", "question_kind", "client", "asked_at"),
    FINDING_VERDICT: ("rule", "finding", "client"),
    WRONG: ("answer_id", "answerer", "model", "by"),
    ANSWERED: ("waited_ms",),
}  # fmt: skip
