"""Events of one hour or day on their way into its tally.

This is gone through a million times for a long log, so what all events of a form have in common is looked up by one key
and looked at once, and durations are collected, and counted at the end.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat
from operator import mul
from typing import Any

from workflow_cli.domain.events.kinds import (
    QUESTION,
    TOOL_CALL,
)
from workflow_cli.domain.feedback.durations import FINENESS, LEAST, bucket_of
from workflow_cli.domain.feedback.tally import EXAMPLES, NO_DURATION, Buckets, Row, Tally, newest

PERSON = "person"
#: Who asks the same within so many seconds was not content with the answer.
REASKED_SECONDS = 600.0
#: Behind the status of a question that was answered before.
CACHED = " cached"
#: What is counted as calls of tools, of whatever server.
TOOLS = "tool.call"
#: Coverage is counted in so many steps.
COVERAGE_STEPS = 20
#: Fewer buckets than this are counted faster one by one.
_MANY = 64


@dataclass(slots=True, eq=False)
class Form:
    """What is collected of events that have the same row: their buckets.

    `changes` are the buckets of those that belong to a change, by change, of all forms that are counted together for it.
    `error` is their error, where all of them have the same. `tried` and `covered` are of questions.
    """

    row: Row
    changes: dict[str, list[int]]
    error: str | None = None
    buckets: list[int] = field(default_factory=list)
    tried: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    covered: list[int] = field(default_factory=lambda: [0] * (COVERAGE_STEPS + 1))


#: Words and asker → the moment, and what became of it.
Asked = dict[tuple[str, str | None], tuple[datetime, Row]]


class Counting:
    """What is on its way into `tally`. `asked` is what was asked before, in this tally or another."""

    def __init__(self, tally: Tally, asked: Asked) -> None:
        self.tally = tally
        self.asked = asked
        self.forms: list[Form] = []
        #: Kind of event, outcome, and whether a person's own time is the duration → the buckets of each change.
        self._changes: dict[tuple[str, str, bool], dict[str, list[int]]] = {}
        #: The forms of each kind of event, by one value after the other: quicker than by all of them at once.
        self._by_kind: dict[str, dict[Any, Any]] = {}
        self.cited: dict[tuple[Any, ...], list[Any]] = {}
        self.repeated: Counter[str] = Counter()

    def forms_of(self, kind: str) -> dict[Any, Any]:
        """Where the forms of a kind are looked up."""
        return self._by_kind.setdefault(kind, {})

    def form(self, forms: dict[Any, Any], path: Sequence[Any], row: Row, error: str | None = None) -> Form:
        """A new one, where the path leads from now on."""
        for value in path[:-1]:
            forms = forms.setdefault(value, {})
        kind = TOOL_CALL if row[0] == TOOLS else row[0]
        person = row[0] == QUESTION and row[2] == PERSON
        changes = self._changes.setdefault((kind, row[4].removesuffix(CACHED), person), {})
        form = forms[path[-1]] = Form(row, changes, error)
        self.forms.append(form)
        return form

    def settle(self) -> None:
        """Count what was collected: then the tally is that of all events taken."""
        tally = self.tally
        for form in self.forms:
            row = form.row
            outcome = row[4].removesuffix(CACHED)
            _add(tally.rows, row, form.buckets)
            for answerer, outcomes in form.tried.items():
                for went, times in outcomes.items():
                    entry = tally.attempts.setdefault((row[1], answerer, went), [0, 0])
                    entry[0] += len(times)
                    entry[1] += sum(map(int, map(mul, times, repeat(1000))))
            for step, count in enumerate(form.covered):
                if count:
                    counts = tally.retrieved.setdefault((row[1], row[2], outcome), {})
                    counts[step] = counts.get(step, 0) + count
        for (kind, outcome, person), changes in self._changes.items():
            for change, buckets in changes.items():
                # A person's own time is no time of the system's.
                _add(tally.changes, (kind, change, outcome), [NO_DURATION] * len(buckets) if person else buckets)
        for cites, (count, last) in self.cited.items():
            at = int(last.timestamp())
            for cite in cites:
                tally.cite(answer_key(cite.address), answer_key(cite.section_hash), count, at)
        for hash, count in self.repeated.items():
            key = answer_key(hash)
            tally.asked[key] = tally.asked.get(key, 0) + count
        self.forms, self._changes, self._by_kind, self.cited, self.repeated = [], {}, {}, {}, Counter()


def _add(counted: dict[Any, Buckets], key: Any, buckets: Sequence[int]) -> None:
    counts = counted.setdefault(key, {})
    get = counts.get
    for bucket, count in Counter(buckets).items() if len(buckets) > _MANY else zip(buckets, repeat(1)):
        counts[bucket] = get(bucket, 0) + count


def buckets_of(durations: list[float | None]) -> list[int]:
    """The bucket of each, in one go where all of them were measured."""
    try:
        if min(durations) > LEAST:  # type: ignore[type-var, operator]
            return list(map(math.floor, map(mul, map(math.log, durations), repeat(FINENESS))))  # type: ignore[arg-type]
    except TypeError:
        pass  # some have none
    return [NO_DURATION if ms is None else bucket_of(ms) for ms in durations]


def answer_key(text: str) -> int:
    """Short, because it is kept for every answer; that two differ in it need not be more than likely."""
    return zlib.crc32(text.encode())


def answer_keys(texts: Iterable[str]) -> Iterator[int]:
    """`answer_key` of each."""
    return map(zlib.crc32, map(str.encode, texts))


def note(entries: dict[Any, list[Any]], key: Any, id: str) -> None:
    """Count one more of `key`, and keep the id where it is among the newest."""
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
