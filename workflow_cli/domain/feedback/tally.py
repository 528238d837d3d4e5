"""What one hour of events comes to, in numbers that can be added: the sum of two tallies is that of their events.

So a log is read once, in parts and in any number of processes, and a window is the sum of its hours.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

HOUR = 3600
DAY = 24 * HOUR
#: How many ids of events are kept as evidence of one thing; the newest are.
EXAMPLES = 3
#: A sum beyond this is of numbers that nobody measured, and cannot be kept.
_LARGEST = 2**63 - 1
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


#: What a person thinks of a finding: the second, the event, the rule, and whether there was something to find.
Said = tuple[int, str, str, bool]
Row = tuple[str, str, str, str, str]
Buckets = dict[int, int]


@dataclass(slots=True)
class Tally:
    """Everything is keyed by texts; an empty text means that it was not said.

    `rows`: kind of event, kind of question, answerer (or tool, purpose, author), model, outcome → durations.
    `changes`: kind of event, change, outcome → durations. `errors`: kind of event, who, pattern → count and examples.
    `attempts`: kind of question, answerer, how it went → count and microseconds. `reasked`: kind of question, answerer,
    model → count and examples. `unanswered`: the words of a question, as a hash → count and examples.
    `rules`: rule, change → documents. `tokens`: model → tokens. `aside`: reason → lines. `answers`: keys of answers given.
    `asked`: keys of questions that were answered, and not out of the cache → how often. `cited`: keys of a section and of its text → answers, and
    when the last of them was given. `retrieved`: kind of question, answerer, status → coverages. `findings`: a finding
    and who judged it → what was said of it last.
    """

    rows: dict[Row, Buckets] = field(default_factory=dict)
    changes: dict[tuple[str, str, str], Buckets] = field(default_factory=dict)
    errors: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    attempts: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)
    reasked: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    unanswered: dict[str, list[Any]] = field(default_factory=dict)
    rules: dict[tuple[str, str], int] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    answers: set[int] = field(default_factory=set)
    asked: dict[int, int] = field(default_factory=dict)
    cited: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    retrieved: dict[tuple[str, str, str], Buckets] = field(default_factory=dict)
    findings: dict[tuple[str, str], Said] = field(default_factory=dict)

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
        _add_buckets(self.changes, other.changes)
        _add_buckets(self.retrieved, other.retrieved)
        add_counts(self.rules, other.rules)
        add_counts(self.tokens, other.tokens)
        add_counts(self.aside, other.aside)
        add_counts(self.asked, other.asked)
        cited = self.cited
        for of, (count, last) in other.cited.items():
            before = cited.get(of, (0, 0))
            cited[of] = before[0] + count, max(before[1], last)
        self.verdicts.update(other.verdicts)
        self.answers |= other.answers
        for judged, said in other.findings.items():
            self.judge(judged, said)

    def cite(self, section: int, text: int, count: int, last: int) -> None:
        """So many answers, the last of them at that moment, cite a section when it had this text."""
        before = self.cited.get((section, text), (0, 0))
        self.cited[section, text] = before[0] + count, max(before[1], last)

    def judge(self, judged: tuple[str, str], said: Said) -> None:
        """What one person says of one finding counts once, and what was said last."""
        before = self.findings.get(judged)
        if before is None or said > before:
            self.findings[judged] = said


def total(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole


def _add_buckets(mine: dict[Any, Buckets], theirs: Mapping[Any, Buckets]) -> None:
    for key, buckets in theirs.items():
        if key in mine:
            add_counts(mine[key], buckets)
        else:
            mine[key] = dict(buckets)


def add_counts(mine: dict[Any, int], theirs: Mapping[Any, int]) -> None:
    """Durations in buckets, or other numbers by what they count."""
    if not mine:
        mine.update(theirs)
        return
    get = mine.get
    for key, count in theirs.items():
        mine[key] = get(key, 0) + count


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
    return [
        [[*key, list(buckets), list(buckets.values())] for key, buckets in tally.rows.items()],
        [[*key, list(buckets), list(buckets.values())] for key, buckets in tally.changes.items()],
        [[*key, *entry] for key, entry in tally.errors.items()],
        [[*key, count, min(total, _LARGEST)] for key, (count, total) in tally.attempts.items()],
        [[*key, *entry] for key, entry in tally.reasked.items()],
        [[key, *entry] for key, entry in tally.unanswered.items()],
        [[*key, count] for key, count in tally.rules.items()],
        [(model, min(tokens, _LARGEST)) for model, tokens in tally.tokens.items()],
        list(tally.aside.items()),
        [list(verdict) for verdict in tally.verdicts.values()],
        array("I", tally.answers).tobytes(),
        [array("I", tally.asked).tobytes(), array("Q", tally.asked.values()).tobytes()],
        [
            array("q", column).tobytes()
            for column in (*zip(*tally.cited, strict=True), *zip(*tally.cited.values(), strict=True))
        ],
        [[*key, list(buckets), list(buckets.values())] for key, buckets in tally.retrieved.items()],
        [[*key, *said] for key, said in tally.findings.items()],
    ]


def from_plain(lists: list[Any], *, with_answers: bool = True) -> Tally:
    """Back from `plain`; without the keys of answers, which are many, where nobody looks at them."""
    rows, changes, errors, attempts, reasked, unanswered, rules, tokens, aside, verdicts, answers, *more = lists
    asked, cited, retrieved, findings = more
    columns = [array("q", column) for column in cited]
    return Tally(
        rows=from_rows(rows),
        changes={tuple(row[:3]): dict(zip(row[3], row[4], strict=True)) for row in changes},
        errors={tuple(row[:3]): row[3:] for row in errors},
        attempts={tuple(row[:3]): row[3:] for row in attempts},
        reasked={tuple(row[:3]): row[3:] for row in reasked},
        unanswered={row[0]: row[1:] for row in unanswered},
        rules={tuple(row[:2]): row[2] for row in rules},
        tokens=dict(tokens),
        aside=dict(aside),
        verdicts={verdict[0]: Verdict(*verdict) for verdict in verdicts},
        answers=set(array("I", answers)) if with_answers else set(),
        asked=dict(zip(array("I", asked[0]), array("Q", asked[1]), strict=True)),
        cited=dict(zip(zip(*columns[:2], strict=True), zip(*columns[2:], strict=True), strict=True)),
        retrieved={tuple(row[:3]): dict(zip(row[3], row[4], strict=True)) for row in retrieved},
        findings={(row[0], row[1]): tuple(row[2:]) for row in findings},
    )


def from_rows(rows: Iterable[Sequence[Any]]) -> dict[Row, Buckets]:
    """The first of the lists of `plain`."""
    return {tuple(row[:5]): dict(zip(row[5], row[6], strict=True)) for row in rows}
