"""What one hour of events comes to, in numbers that can be added: the sum of two tallies is that of their events.

So a log is read once, in parts and in any number of processes, and a window is the sum of its hours.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

HOUR = 3600
DAY = 24 * HOUR
#: How many ids of events are kept as evidence of one thing; the newest are.
EXAMPLES = 3
#: In the place of a bucket, for events that have no duration.
NO_DURATION = -(10**6)


class Verdict(NamedTuple):
    """Of a person on an answer. `asked_at` is the second it was asked in, where that is known; `answer` its key."""

    event: str
    at: int
    client: str
    answer_id: str
    accepted: bool
    question_kind: str
    answerer: str
    model: str
    change: str
    asked_at: int


Row = tuple[str, str, str, str, str]
Buckets = dict[int, int]


@dataclass(slots=True)
class Tally:
    """Everything is keyed by texts; an empty text means that it was not said.

    `rows`: kind of event, kind of question, answerer (or tool, purpose, author), model, outcome → durations.
    `changes`: kind of event, change, outcome → count. `errors`: kind of event, who, pattern → count and examples.
    `attempts`: kind of question, answerer, how it went → count and microseconds. `reasked`: kind of question, answerer,
    model → count and examples. `unanswered`: the words of a question, as a hash → count and examples.
    `rules`: rule → documents. `tokens`: model → tokens. `aside`: reason → lines. `answers`: keys of answers given.
    """

    rows: dict[Row, Buckets] = field(default_factory=dict)
    changes: dict[tuple[str, str, str], int] = field(default_factory=dict)
    errors: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    attempts: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    reasked: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    unanswered: dict[str, list[Any]] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    answers: set[int] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        """Take all of another tally; it is not changed, and shares nothing with this one."""
        _add_buckets(self.rows, other.rows)
        _add_examples(self.errors, other.errors)
        _add_examples(self.reasked, other.reasked)
        _add_examples(self.unanswered, other.unanswered)
        for key, (count, ms) in other.attempts.items():
            entry = self.attempts.setdefault(key, [0, 0])
            entry[0] += count
            entry[1] += ms
        for of_change, count in other.changes.items():
            self.changes[of_change] = self.changes.get(of_change, 0) + count
        for numbers, more in ((self.rules, other.rules), (self.tokens, other.tokens), (self.aside, other.aside)):
            for name, count in more.items():
                numbers[name] = numbers.get(name, 0) + count
        self.verdicts.update(other.verdicts)
        self.answers |= other.answers


def total(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def _add_buckets(mine: dict[Any, Buckets], theirs: Mapping[Any, Buckets]) -> None:
    for key, buckets in theirs.items():
        counts = mine.get(key)
        if counts is None:
            mine[key] = dict(buckets)
            continue
        for bucket, count in buckets.items():
            counts[bucket] = counts.get(bucket, 0) + count


def _add_examples(mine: dict[Any, list[Any]], theirs: Mapping[Any, list[Any]]) -> None:
    for key, (count, examples) in theirs.items():
        entry = mine.get(key)
        if entry is None:
            mine[key] = [count, list(examples)]
        else:
            entry[0] += count
            entry[1] = newest([*entry[1], *examples])


def newest(examples: list[str]) -> list[str]:
    """The greatest ids, which are the newest, whatever order they came in."""
    return sorted(set(examples))[-EXAMPLES:]


def plain(tally: Tally) -> list[Any]:
    """The tally as lists, texts and numbers alone."""
    rows = [[*key, list(buckets), list(buckets.values())] for key, buckets in tally.rows.items()]
    return [
        rows,
        [[*key, count] for key, count in tally.changes.items()],
        [[*key, *entry] for key, entry in tally.errors.items()],
        [[*key, *entry] for key, entry in tally.attempts.items()],
        [[*key, *entry] for key, entry in tally.reasked.items()],
        [[key, *entry] for key, entry in tally.unanswered.items()],
        list(tally.rules.items()),
        list(tally.tokens.items()),
        list(tally.aside.items()),
        [list(verdict) for verdict in tally.verdicts.values()],
        array("I", sorted(tally.answers)).tobytes(),
    ]


def from_plain(lists: list[Any], *, with_answers: bool = True) -> Tally:
    """Back from `plain`; without the keys of answers, which are many, where they are not looked at."""
    rows, changes, errors, attempts, reasked, unanswered, rules, tokens, aside, verdicts, answers = lists
    return Tally(
        rows={tuple(row[:5]): dict(zip(row[5], row[6], strict=True)) for row in rows},
        changes={tuple(row[:3]): row[3] for row in changes},
        errors={tuple(row[:3]): row[3:] for row in errors},
        attempts={tuple(row[:3]): row[3:] for row in attempts},
        reasked={tuple(row[:3]): row[3:] for row in reasked},
        unanswered={row[0]: row[1:] for row in unanswered},
        rules=dict(rules),
        tokens=dict(tokens),
        aside=dict(aside),
        verdicts={verdict[0]: Verdict(*verdict) for verdict in verdicts},
        answers=set(array("I", answers)) if with_answers else set(),
    )
