"""One event after the other into the tally of its hour, with what has to be remembered from one to the next.

| set aside | which lines |
|---|---|
| `unreadable` | no JSON object |
| `malformed` | no event: a field is missing, or is not what it has to be |
| `from_the_future` | later than now, by more than clocks differ |
| `out_of_order` | older than the newest before it, by more than clocks differ |
| `duplicate` | an `event_id` that was there already |

A verdict that nobody could have given, on an answer that was not there, is set aside when the tallies are read.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from workflow_cli.domain.feedback.durations import FINENESS, LEAST, bucket_of
from workflow_cli.domain.feedback.patterns import pattern_of
from workflow_cli.domain.feedback.tally import DAY, EXAMPLES, HOUR, NO_DURATION, Row, Tally, Verdict, newest
from workflow_cli.domain.improvement.window import DISORDER_SECONDS

#: Who asks the same within so many seconds was not content with the answer.
REASKED_SECONDS = 600.0
_MOST_FAULTS = 64
#: Behind the status of a question that was answered before.
CACHED = " cached"
_PRUNE_FROM = 20_000
_UNANSWERED = frozenset({"not_in_specs", "pending"})
#: How a call of a tool may end that is no error.
_FINE = frozenset({"answered", "done", "cancelled"})


_PATTERNS = lru_cache(maxsize=4096)(pattern_of)


class Step(Protocol):
    """One step of a question's route."""

    answerer: str
    outcome: str
    failure: str | None
    ms: float


class Event(Protocol):
    """A line of the log, each of its fields of the right type; numbers are finite, durations not negative, or None."""

    event_id: str
    ts: datetime
    kind: str
    outcome: str | None
    status: str | None
    duration_ms: float | None
    question_kind: str | None
    answerer: str | None
    model: str | None
    change: str | None
    asker: str | None
    terms_hash: str | None
    answer_id: str | None
    route: tuple[Any, ...]
    error: str | None
    failure: str | None
    fault: str | None
    faults: tuple[str, ...]
    item: str | None
    valid: bool | None
    rules: dict[str, int] | None
    tokens: Any
    cached: bool | None
    purpose: str | None
    server: str | None
    tool: str | None
    author_kind: str | None
    author: str | None
    client: str | None
    by: str | None
    asked_at: datetime | None
    waited_ms: float | None


Kept = tuple[float, Row]


class Fold:
    """`days` and `hours` are the tallies, by their first second. The rest is what a later event may refer to.

    Events since the hour `hours_from` are in `hours`, older ones in `days`. `latest` is the moment after which an event
    is from the future. All in seconds since 1970.
    """

    def __init__(self, *, latest: float, hours_from: int) -> None:
        self.days: dict[int, Tally] = {}
        self.hours: dict[int, Tally] = {}
        self.newest = 0.0
        self.latest = latest
        self.hours_from = hours_from
        self._ids: dict[str, float] = {}
        #: (asker, words) → when, and what became of it.
        self._asked: dict[tuple[str, str], Kept] = {}

    def remembered(self) -> list[Any]:
        """What the future depends on, and nothing else: two folds with the same go on in the same way."""
        self._forget()
        ids = sorted(self._ids.items())
        asked = sorted([*who, at, *row] for who, (at, row) in self._asked.items())
        return [self.newest, [list(pair) for pair in ids], asked]

    def remember(self, remembered: Sequence[Any]) -> None:
        self.newest, ids, asked = remembered
        self._ids = dict(ids)
        self._asked = {(row[0], row[1]): (row[2], tuple(row[3:])) for row in asked}

    def go_on_with(self, days: Mapping[int, Tally], hours: Mapping[int, Tally], remembered: Sequence[Any]) -> None:
        """Take what another fold made of the events that follow, which began with what this one remembers."""
        for mine, theirs in ((self.days, days), (self.hours, hours)):
            for start, tally in theirs.items():
                mine.setdefault(start, Tally()).add(tally)
        self.remember(remembered)

    def _forget(self) -> None:
        oldest, since = self.newest - DISORDER_SECONDS, self.newest - DISORDER_SECONDS - REASKED_SECONDS
        self._ids = {id: at for id, at in self._ids.items() if at >= oldest}
        self._asked = {key: what for key, what in self._asked.items() if what[0] >= since}

    def set_aside(self, reason: str) -> None:
        """Count a line that is no event, or none that counts, at the moment that the log has come to."""
        aside = self._tally(self.newest)[0].aside
        aside[reason] = aside.get(reason, 0) + 1

    def _tally(self, at: float) -> tuple[Tally, float, float]:
        """The tally that an event of the moment belongs to, and from when to when others do."""
        if at < self.hours_from:
            start = int(at) // DAY * DAY
            return self.days.setdefault(start, Tally()), start, min(start + DAY, self.hours_from)
        start = int(at) // HOUR * HOUR
        return self.hours.setdefault(start, Tally()), start, start + HOUR

    def take_all(self, events: Sequence[Event]) -> None:
        """Take events in the order of the log."""
        if not events:
            return
        times = [event.ts.timestamp() for event in events]
        ids = [event.event_id for event in events]
        if not self._plain(times, ids):
            for time, event in zip(times, events, strict=True):
                if reason := self._wrong(time, event):
                    self.set_aside(reason)
                else:
                    self._ids[event.event_id] = time
                    self.newest = max(self.newest, time)
                    self._count((time,), (event,))
            return
        self._ids.update(zip(ids, times, strict=True))
        self.newest = max(self.newest, max(times))
        self._count(times, events)

    def _plain(self, times: list[float], ids: list[str]) -> bool:
        """Whether nothing of all this, which is something, is to be set aside, as is nearly always so."""
        first, last = min(times), max(times)
        return (
            first >= max(last, self.newest) - DISORDER_SECONDS
            and first >= 0
            and last <= self.latest
            and len(set(ids)) == len(ids)
            and self._ids.keys().isdisjoint(ids)
            and all(ids)
        )

    def _wrong(self, time: float, event: Event) -> str | None:
        """Why the event is set aside; None where it is not."""
        if time < 0 or not event.event_id:
            return "malformed"
        if time < self.newest - DISORDER_SECONDS:
            return "out_of_order"
        if time > self.latest:
            return "from_the_future"
        # One that is older than what may come now is not remembered, however long ago it was forgotten.
        before = self._ids.get(event.event_id)
        return "duplicate" if before is not None and before >= self.newest - DISORDER_SECONDS else None

    def _count(self, times: Sequence[float], events: Sequence[Event]) -> None:
        """In the order of the log, for each question may be one that was asked before.

        One long loop: it goes round a million times, and a call would cost a third of what is done in it.
        """
        floor, log, crc32, asked = math.floor, math.log, zlib.crc32, self._asked
        begins = ends = 0.0
        for at, event in zip(times, events, strict=True):
            if not begins <= at < ends:
                tally, begins, ends = self._tally(at)
                rows, changes, attempts = tally.rows, tally.changes, tally.attempts
                add_answer = tally.answers.add
            kind = event.kind
            change = event.change
            ms = event.duration_ms
            row: Row
            if kind == "question":
                of, answerer = event.question_kind or "", event.answerer or ""
                outcome = event.status or event.outcome or ""
                row = (kind, of, answerer, event.model or "", outcome + CACHED if event.cached else outcome)
                if answerer and (answer := event.answer_id):
                    add_answer(crc32(answer.encode()))  # as `answer_key`
                for step in event.route:
                    failure = step.failure
                    tried = (of, step.answerer, failure or step.outcome)
                    entry = attempts.get(tried)
                    if entry is None:
                        entry = attempts[tried] = [0, 0]
                    entry[0] += 1
                    entry[1] += int(step.ms * 1000)
                    if failure:
                        _note(tally.errors, (kind, step.answerer, failure), event.event_id)
                if words := event.terms_hash:
                    if outcome in _UNANSWERED:
                        _note(tally.unanswered, words, event.event_id)
                    who = (event.asker or "", words)
                    before = asked.get(who)
                    if before is not None and 0 <= at - before[0] <= REASKED_SECONDS and before[1][2]:
                        _note(tally.reasked, before[1][1:4], event.event_id)
                    asked[who] = (at, row)
            else:
                outcome = event.outcome or ""
                message = None
                if kind == "model.call":
                    row = (kind, "", event.purpose or "", event.model or "", outcome)
                    message = event.failure
                    _model_call(event, tally)
                elif kind == "process.item":
                    row = (kind, "", "", "", outcome if event.valid is None else "valid" if event.valid else "invalid")
                    message = event.fault
                    if event.rules:
                        for rule in event.rules:
                            tally.rules[rule] = tally.rules.get(rule, 0) + 1
                elif kind == "draft":
                    row = (kind, event.author_kind or "", event.author or "", "", outcome)
                elif kind == "mcp.call" and event.server:
                    row = ("tool.call", "", f"{event.server}.{event.tool or ''}", "", outcome)
                    message = event.error or (None if outcome in _FINE else outcome)
                elif kind == "verdict" or kind == "question.wrong":
                    row = (kind, event.question_kind or "", event.answerer or "", event.model or "", outcome)
                    _verdict(event, int(at), tally)
                else:
                    row = (kind, "", "", "", outcome)
                    if kind == "question.answered":
                        ms = event.waited_ms
                if change is None and (item := event.item) is not None and item.startswith("change/"):
                    change = item[7:]
                if message is None:
                    message = event.error or ("failed" if outcome == "failed" else None)
                if message is not None:
                    _note(tally.errors, (row[0], row[2], _PATTERNS(message)), event.event_id)
                if event.faults:
                    for fault in event.faults[:_MOST_FAULTS]:
                        _note(tally.errors, (row[0], row[2], _PATTERNS(fault)), event.event_id)
            bucket = NO_DURATION if ms is None else floor(log(ms) * FINENESS) if ms > LEAST else bucket_of(ms)
            buckets = rows.get(row)
            if buckets is None:
                rows[row] = {bucket: 1}
            else:
                buckets[bucket] = buckets.get(bucket, 0) + 1
            if change is not None:
                of_change = (kind, change, outcome if kind == "question" else row[4])
                changes[of_change] = changes.get(of_change, 0) + 1
        if len(self._ids) > _PRUNE_FROM:
            self._forget()


def answer_key(answer_id: str) -> int:
    """Short, because it is kept for every answer; whether a verdict's answer was given need not be more than likely."""
    return zlib.crc32(answer_id.encode())


def _model_call(event: Event, tally: Tally) -> None:
    tokens = event.tokens
    if tokens is not None and (tokens.prompt or tokens.completion):
        model = event.model or ""
        spent = max(0, tokens.prompt) + max(0, tokens.completion)
        tally.tokens[model] = tally.tokens.get(model, 0) + spent


def _verdict(event: Event, at: int, tally: Tally) -> None:
    if not event.answer_id:
        return
    tally.verdicts[event.event_id] = Verdict(
        event=event.event_id,
        at=at,
        client=event.client or event.by or "",
        answer_id=event.answer_id,
        accepted=event.kind == "verdict" and event.outcome == "accepted",
        question_kind=event.question_kind or "",
        answerer=event.answerer or "",
        model=event.model or "",
        change=event.change or "",
        asked_at=int(event.asked_at.timestamp()) if event.asked_at is not None else 0,
    )


def _note(entries: dict[Any, list[Any]], key: Any, id: str) -> None:
    entry = entries.get(key)
    if entry is None:
        entries[key] = [1, [id]]
        return
    entry[0] += 1
    examples = entry[1]
    if id > examples[-1]:  # as ids sort by time, nearly always
        examples.append(id)
        if len(examples) > EXAMPLES:
            del examples[0]
    elif len(examples) < EXAMPLES or id > examples[0]:
        entry[1] = newest([*examples, id])
