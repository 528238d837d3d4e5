"""An answer, where it comes from, and the way the question took."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AnswerStatus(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_IN_SPECS = "not_in_specs"
    PENDING = "pending"
    """It waits for a person or an agent."""
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A place that says it. `quote` is literally in the file at `line` (from 1); `section_hash` as in Passage."""

    path: str
    line: int
    address: str
    quote: str
    section_hash: str = ""


class StepOutcome(StrEnum):
    """What became of the question at one answerer."""

    ANSWERED = "answered"
    NOTHING = "nothing"
    """It has no answer; the next one is tried."""
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteStep:
    """One answerer that was tried or passed over, why, for how long, and what came of it.

    `failure` is the kind of failure where there was one; `attempts` counts calls made, repeated ones included. For
    `queued` of its milliseconds it waited for its turn.
    """

    answerer: str
    reason: str
    milliseconds: float
    outcome: StepOutcome
    failure: str | None = None
    attempts: int = 0
    queued: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`confidence` is in [0, 1] and comes from the evidence, never from a model's own word.

    `unsourced` marks an answer from a tool or person that cites no document. `model` names who wrote the text where
    a model did. `by` is the person who gave it, or the agent where `by_agent`. An answer that is not ANSWERED has no sources.
    """

    id: str
    text: str
    status: AnswerStatus
    answerer: str
    confidence: float
    sources: tuple[Source, ...] = ()
    route: tuple[RouteStep, ...] = ()
    unsourced: bool = False
    model: str | None = None
    by: str | None = None
    by_agent: bool = False
