"""What the event log says about questions asked, as values; every line is judged before it counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from workflow_cli.domain.improvement.judgement import Suggestion, Verdict

#: The kinds of events that are read here; all others are somebody else's.
ANSWER = "answer"
FEEDBACK = "feedback"
EDIT = "edit"
SUGGESTION = "suggestion"
CHECK = "check"

_MOST_TEXT = 4000
_MOST_ENTRIES = 64
#: Every value of every line is asked for its type; a union made anew takes as long as the answer, and so does `Mapping` alone.
_LISTS = (list, tuple)
_NUMBERS = (float, int)
_MAPPINGS = (dict, Mapping)


class Outcome(StrEnum):
    ANSWERED = "answered"
    ABSTAINED = "abstained"
    FAILED = "failed"


def family_of(answerer: str) -> str:
    """`mcp` for `mcp:tracker`."""
    return answerer.partition(":")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One answerer tried, such as `specs`, `model`, `mcp:tracker`; `queued_ms` of its `ms` it waited for its turn.

    `failure` is None where `ok`, else `timeout`, `error`, `abstained`, or a word of the answerer's own. A time-out
    lasted `ms` until it was cut.
    """

    answerer: str
    ok: bool
    ms: float
    failure: str | None
    queued_ms: float = 0.0

    @property
    def family(self) -> str:
        return family_of(self.answerer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One question asked. `at` is in seconds since 1970; `score` is that of the best passage found, None where none was sought.

    `unit` is what its arm was drawn for, see `arms.py`. `cached` means that no answerer was tried. `began`: when the first of
    them was, which is `at` where the log does not tell.
    """

    id: str
    at: float
    client: str
    kind: str
    cluster: str
    question: str
    attempts: tuple[Attempt, ...]
    ms: float
    outcome: Outcome
    cites: tuple[str, ...]
    score: float | None
    cached: bool
    experiment: str | None
    arm: str | None
    unit: str
    began: float = 0.0

    @property
    def by(self) -> str | None:
        """Who gave the answer."""
        return self.attempts[-1].answerer if self.outcome is Outcome.ANSWERED and self.attempts else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Edited:
    """Sections that an edit changed."""

    id: str
    at: float
    sections: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """An item of the tree that was checked, and the rules that found something in it."""

    id: str
    at: float
    item: str
    rules: tuple[str, ...]


Observation = Asked | Verdict | Edited | Suggestion | Checked


class NotAnObservation(ValueError):
    """A line that claims to be one of these events, and is not."""


def observation(record: Mapping[str, Any]) -> Observation | None:
    """One event; None for those of other kinds. Raises NotAnObservation."""
    kind = record.get("kind")
    if kind == ANSWER:
        return _asked(record)
    if kind == FEEDBACK:
        return Verdict(
            id=_text(record, "event_id"),
            at=_time(record),
            client=_text(record, "client"),
            asked=_text(record, "answer_id"),
            accepted=_flag(record, "accepted"),
            reference=_texts(record, "reference"),
            answer=_optional_text(record, "answer"),
            too_long=record.get("too_long") is True,
        )
    if kind == EDIT:
        return Edited(id=_text(record, "event_id"), at=_time(record), sections=_texts(record, "sections"))
    if kind == SUGGESTION:
        return Suggestion(
            id=_text(record, "event_id"),
            at=_time(record),
            client=_text(record, "client"),
            rule=_text(record, "rule"),
            accepted=_flag(record, "accepted"),
            about=_optional_text(record, "about") or _text(record, "event_id"),
            score=None if record.get("score") is None else _number(record["score"]),
        )
    if kind == CHECK:
        return Checked(
            id=_text(record, "event_id"), at=_time(record), item=_text(record, "item"), rules=_texts(record, "rules")
        )
    return None


def _asked(record: Mapping[str, Any]) -> Asked:
    attempts = record.get("attempts", ())
    if not isinstance(attempts, _LISTS) or len(attempts) > _MOST_ENTRIES:
        raise NotAnObservation("attempts")
    try:
        outcome = Outcome(record.get("outcome", ""))
    except ValueError:
        raise NotAnObservation("outcome") from None
    return Asked(
        id=_text(record, "event_id"),
        at=(at := _time(record)),
        client=_text(record, "client"),
        kind=_text(record, "question_kind"),
        cluster=_text(record, "cluster"),
        question=_text(record, "question"),
        attempts=tuple(map(_attempt, attempts)),
        ms=_number(record.get("duration_ms")),
        outcome=outcome,
        cites=_texts(record, "cites"),
        score=None if record.get("score") is None else _number(record["score"]),
        cached=record.get("cached") is True,
        experiment=_optional_text(record, "experiment"),
        arm=_optional_text(record, "arm"),
        unit=_optional_text(record, "unit") or "",
        began=at if record.get("began") is None else _number(record["began"]),
    )


def _attempt(value: Any) -> Attempt:
    if not isinstance(value, _MAPPINGS):
        raise NotAnObservation("attempts")
    return Attempt(
        answerer=_text(value, "answerer"),
        ok=_flag(value, "ok"),
        ms=_number(value.get("ms")),
        failure=_optional_text(value, "failure"),
        queued_ms=_number(value.get("queued_ms", 0.0)),
    )


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _MOST_TEXT:
        raise NotAnObservation(name)
    return value


def _optional_text(record: Mapping[str, Any], name: str) -> str | None:
    return None if record.get(name) in (None, "") else _text(record, name)


def _texts(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value: Sequence[Any] = record.get(name) or ()
    if not isinstance(value, _LISTS) or len(value) > _MOST_ENTRIES:
        raise NotAnObservation(name)
    for text in value:
        if not isinstance(text, str):
            raise NotAnObservation(name)
    return tuple(value)


def _flag(record: Mapping[str, Any], name: str) -> bool:
    value = record.get(name)
    if not isinstance(value, bool):
        raise NotAnObservation(name)
    return value


def _number(value: Any) -> float:
    """Finite and not negative: what a duration or score is."""
    if isinstance(value, bool) or not isinstance(value, _NUMBERS) or not 0 <= value < math.inf:
        raise NotAnObservation("number")
    return float(value)


def _time(record: Mapping[str, Any]) -> float:
    """Seconds since 1970 of `ts`, which is such a number or RFC 3339 with a zone."""
    value = record.get("ts")
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise NotAnObservation("ts") from None
        if moment.tzinfo is None:
            raise NotAnObservation("ts")
        return moment.timestamp()
    return _number(value)
