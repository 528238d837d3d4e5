"""Every metric there is: what it is called, what it counts, and which way is better."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from workflow_cli.domain.feedback.counting import CACHED, COVERAGE_STEPS
from workflow_cli.domain.feedback.durations import Durations
from workflow_cli.domain.feedback.tally import NO_DURATION, Buckets, Row, Tally, Verdict
from workflow_cli.domain.feedback.verdicts import judged
from workflow_cli.domain.improvement.intervals import proportion_interval

Unit = Literal["ms", "share", "count"]
#: Fewer cases say too little about a share.
ENOUGH = 20

_FAILED = frozenset({"failed", "error", "timeout", "unreachable"})
_WRITING = ("update", "propose", "archive", "history.undo", "archive.undo")
_NOT_WRITTEN = frozenset({"failed", "refused"})
_RUNS = ("process", "question", "update", "propose", "archive", "review", "history.undo", "archive.undo")
_NOT_COMPLETED = frozenset({"failed", "interrupted", "error"})
_TOOL_FINE = frozenset({"answered", "done", "cancelled"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A value with the interval it lies in, from `n` cases; `needed` were to be there for it to say anything.

    `value` is None where there are no cases. An end of the interval is infinite where there are too few.
    """

    value: float | None
    low: float
    high: float
    n: int
    needed: int = 1

    @property
    def enough(self) -> bool:
        return self.value is not None and self.n >= self.needed


@dataclass(slots=True)
class Seen:
    """A tally, with what metrics ask of it. `verdicts` are those that count."""

    tally: Tally
    verdicts: tuple[Verdict, ...] = ()
    _of: dict[str, list[tuple[Row, Buckets]]] = field(default_factory=dict)
    #: Found once, because a metric is looked at several times; see the function of this name.
    outdated: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for row, buckets in self.tally.rows.items():
            self._of.setdefault(row[0], []).append((row, buckets))

    def rows(self, *kinds: str) -> Iterable[tuple[Row, Buckets]]:
        return (entry for kind in kinds for entry in self._of.get(kind, ()))

    def count(self, *kinds: str, where: Callable[[Row], bool] = lambda _: True) -> int:
        return sum(sum(buckets.values()) for row, buckets in self.rows(*kinds) if where(row))

    def durations(self, *kinds: str, where: Callable[[Row], bool] = lambda _: True) -> Durations:
        whole: Buckets = {}
        for row, buckets in self.rows(*kinds):
            if where(row):
                for bucket, count in buckets.items():
                    whole[bucket] = whole.get(bucket, 0) + count
        whole.pop(NO_DURATION, None)
        return Durations(whole)

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(self._of)

    def restricted(self, keep: Callable[[Row], bool], verdicts: Callable[[Verdict], bool]) -> Seen:
        """The part that a group is made of; what is not kept by group is empty in it."""
        of = self.tally
        part = Tally(
            rows={row: buckets for row, buckets in of.rows.items() if keep(row)},
            reasked={key: entry for key, entry in of.reasked.items() if keep(("question", *key, ""))},
        )
        return Seen(part, tuple(verdict for verdict in self.verdicts if verdicts(verdict)))


def seen(tally: Tally, *, given: Callable[[Verdict], bool]) -> Seen:
    """`given` tells whether the answer that a verdict is about was given."""
    return Seen(tally, judged(tally.verdicts.values(), given=given))


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`better` is the direction that is; None where neither is."""

    name: str
    unit: Unit
    better: Literal["low", "high"] | None
    says: str
    of: Callable[[Seen, float], Measured]

    @cached_property
    def area(self) -> str:
        return self.name.partition(".")[0]


def share(hits: int, n: int, level: float) -> Measured:
    interval = proportion_interval(hits, n, level=level)
    return Measured(value=hits / n if n else None, low=interval.low, high=interval.high, n=n, needed=ENOUGH)


def _quantile(q: float, durations: Durations, level: float) -> Measured:
    interval = durations.interval(q, level=level)
    # Fewer cannot show an upper end: with all of them below the quantile, the next may be anywhere.
    needed = math.ceil(math.log((1 - 0.95) / 2) / math.log(q))
    return Measured(value=durations.quantile(q), low=interval.low, high=interval.high, n=len(durations), needed=needed)


def _count(value: int) -> Measured:
    return Measured(value=float(value), low=float(value), high=float(value), n=value, needed=0)


def _status(row: Row) -> str:
    return row[4].removesuffix(CACHED)


def _times(kind: str, q: float, where: Callable[[Row], bool] = lambda _: True) -> Callable[[Seen, float], Measured]:
    return lambda seen, level: _quantile(q, seen.durations(kind, where=where), level)


def _share_of(
    hit: Callable[[Row], bool], *kinds: str, among: Callable[[Row], bool] = lambda _: True
) -> Callable[[Seen, float], Measured]:
    return lambda seen, level: share(
        seen.count(*kinds, where=lambda row: among(row) and hit(row)), seen.count(*kinds, where=among), level
    )


def _reasked(seen: Seen, level: float) -> Measured:
    n = seen.count("question", where=lambda row: bool(row[2]))
    return share(min(n, sum(entry[0] for entry in seen.tally.reasked.values())), n, level)


def repeats(seen: Seen) -> tuple[int, int]:
    """How many answers were to questions that had been answered before, and how many of those the cache gave."""
    cached = seen.count("question", where=lambda row: row[4].endswith(CACHED))
    asked = seen.tally.asked
    return max(cached, sum(asked.values()) - len(asked)), cached


def _cache_hits(seen: Seen, level: float) -> Measured:
    again, cached = repeats(seen)
    return share(cached, again, level)


def outdated(seen: Seen) -> tuple[int, int]:
    """How many citations were of a section as it was before it was changed, and how many citations there are."""
    if seen.outdated is None:
        newest: dict[int, tuple[int, int]] = {}
        for (section, _), (count, last) in seen.tally.cited.items():
            newest[section] = max(newest.get(section, (0, 0)), (last, count))
        every = sum(count for count, _ in seen.tally.cited.values())
        seen.outdated = every - sum(count for _, count in newest.values()), every
    return seen.outdated


def _outdated(seen: Seen, level: float) -> Measured:
    return share(*outdated(seen), level)


def found_half(seen: Seen, among: Callable[[tuple[str, str, str]], bool] = lambda _: True) -> tuple[int, int]:
    """How many questions had a passage with half of what they ask about, and for how many passages were sought."""
    half = every = 0
    for key, steps in seen.tally.retrieved.items():
        if among(key):
            every += sum(steps.values())
            half += sum(count for step, count in steps.items() if 2 * step >= COVERAGE_STEPS)
    return half, every


def _found(seen: Seen, level: float) -> Measured:
    return share(*found_half(seen), level)


def _accepted(seen: Seen, level: float) -> Measured:
    return share(sum(verdict.accepted for verdict in seen.verdicts), len(seen.verdicts), level)


def _quality(seen: Seen, level: float) -> Measured:
    """Of everything that a model made and a person decided about: drafts and answers."""
    drafts = [(row[4], sum(buckets.values())) for row, buckets in seen.rows("draft") if row[1] == "model"]
    answers = [verdict.accepted for verdict in seen.verdicts if verdict.model or verdict.answerer == "model"]
    good = sum(count for outcome, count in drafts if outcome == "approved") + sum(answers)
    reviewed = sum(count for outcome, count in drafts if outcome in _DECIDED) + len(answers)
    return share(good, reviewed, level)


_DECIDED = frozenset({"approved", "rejected"})


def is_error(row: Row) -> bool:
    if row[0] == "tool.call":
        return row[4] not in _TOOL_FINE
    return _status(row) in _FAILED


def _by_others(row: Row) -> bool:
    """A person's own time is no time of the system's."""
    return row[2] != "person"


def _errors(seen: Seen, level: float) -> Measured:
    return share(seen.count(*seen.kinds, where=is_error), seen.count(*seen.kinds), level)


METRICS: tuple[Metric, ...] = (
    Metric(
        name="answer.count",
        unit="count",
        better=None,
        says="questions asked",
        of=lambda seen, _: _count(seen.count("question")),
    ),
    Metric(
        name="answer.p50_ms",
        unit="ms",
        better="low",
        says="half of all questions that no person answered were done with after this",
        of=_times("question", 0.5, _by_others),
    ),
    Metric(
        name="answer.p95_ms",
        unit="ms",
        better="low",
        says="95 of 100 were",
        of=_times("question", 0.95, _by_others),
    ),
    Metric(
        name="answer.p99_ms",
        unit="ms",
        better="low",
        says="99 of 100 were",
        of=_times("question", 0.99, _by_others),
    ),
    Metric(
        name="answer.answered_share",
        unit="share",
        better="high",
        says="answered ÷ asked",
        of=_share_of(lambda row: _status(row) == "answered", "question"),
    ),
    Metric(
        name="answer.pending_share",
        unit="share",
        better="low",
        says="questions that had to wait for a person ÷ asked",
        of=_share_of(lambda row: _status(row) == "pending", "question"),
    ),
    Metric(
        name="answer.failed_share",
        unit="share",
        better="low",
        says="questions that nobody could look into ÷ asked",
        of=_share_of(lambda row: _status(row) == "failed", "question"),
    ),
    Metric(
        name="answer.cached_share",
        unit="share",
        better="high",
        says="answered before and still true ÷ asked",
        of=_share_of(lambda row: row[4].endswith(CACHED), "question"),
    ),
    # How often something comes back, or is changed afterwards, depends on how long one looks: no change of either is
    # claimed, for this window is not over yet.
    Metric(
        name="cache.hit_share",
        unit="share",
        better=None,
        says="answers out of the cache ÷ answers to what had been answered before",
        of=_cache_hits,
    ),
    Metric(
        name="cache.outdated_share",
        unit="share",
        better=None,
        says="citations of a section that was changed afterwards ÷ citations",
        of=_outdated,
    ),
    Metric(
        name="retrieval.found_share",
        unit="share",
        better="high",
        says="questions with a passage that holds half of what they ask about ÷ questions that passages were sought for",
        of=_found,
    ),
    Metric(
        name="answer.accepted_share",
        unit="share",
        better="high",
        says="answers that people accepted ÷ answers they decided about",
        of=_accepted,
    ),
    Metric(
        name="answer.reasked_share",
        unit="share",
        better="low",
        says="answers after which the same asker asked the same within ten minutes ÷ answers: weak rejections",
        of=_reasked,
    ),
    Metric(
        name="wait.p50_ms",
        unit="ms",
        better="low",
        says="half of the questions that people answered waited at most so long",
        of=_times("question.answered", 0.5),
    ),
    Metric(
        name="wait.p95_ms",
        unit="ms",
        better="low",
        says="95 of 100 did",
        of=_times("question.answered", 0.95),
    ),
    Metric(
        name="update.success_share",
        unit="share",
        better="high",
        says="edits, proposals, archives and undos that were neither refused nor failed ÷ all",
        of=_share_of(lambda row: row[4] not in _NOT_WRITTEN, *_WRITING),
    ),
    Metric(
        name="update.p95_ms",
        unit="ms",
        better="low",
        says="95 of 100 edits were done with after this",
        of=_times("update", 0.95),
    ),
    Metric(
        name="analysis.quality_share",
        unit="share",
        better="high",
        says="drafts and answers by models that people accepted ÷ those they decided about",
        of=_quality,
    ),
    Metric(
        name="draft.accepted_share",
        unit="share",
        better="high",
        says="drafts that people approved ÷ drafts they decided about, whoever made them",
        of=_share_of(lambda row: row[4] == "approved", "draft", among=lambda row: row[4] in _DECIDED),
    ),
    Metric(
        name="draft.undone_share",
        unit="share",
        better="low",
        says="drafts that were taken back ÷ drafts that were written",
        of=lambda seen, level: share(
            min(
                seen.count("draft", where=lambda row: row[4] == "undone"),
                seen.count("draft", where=lambda row: row[4] == "committed"),
            ),
            seen.count("draft", where=lambda row: row[4] == "committed"),
            level,
        ),
    ),
    Metric(
        name="workflow.completed_share",
        unit="share",
        better="high",
        says="runs, questions, edits and decisions that came to an end of their own ÷ begun",
        of=_share_of(lambda row: _status(row) not in _NOT_COMPLETED, *_RUNS),
    ),
    Metric(
        name="process.completed_share",
        unit="share",
        better="high",
        says="runs of process that came to a report ÷ all",
        of=_share_of(lambda row: row[4] not in _NOT_COMPLETED, "process"),
    ),
    Metric(
        name="process.p95_ms",
        unit="ms",
        better="low",
        says="95 of 100 runs of process took at most this",
        of=_times("process", 0.95),
    ),
    Metric(
        name="item.valid_share",
        unit="share",
        better="high",
        says="valid items ÷ items that were validated",
        of=_share_of(lambda row: row[4] == "valid", "process.item", among=lambda row: row[4] in ("valid", "invalid")),
    ),
    Metric(
        name="item.failed_share",
        unit="share",
        better="low",
        says="items that could not be evaluated ÷ all",
        of=_share_of(lambda row: row[4] == "failed", "process.item"),
    ),
    Metric(
        name="model.p50_ms",
        unit="ms",
        better="low",
        says="half of all requests to models took at most this",
        of=_times("model.call", 0.5),
    ),
    Metric(
        name="model.p95_ms",
        unit="ms",
        better="low",
        says="95 of 100 did",
        of=_times("model.call", 0.95),
    ),
    Metric(
        name="model.failed_share",
        unit="share",
        better="low",
        says="requests to models that failed ÷ all",
        of=_share_of(lambda row: row[4] == "failed", "model.call"),
    ),
    Metric(
        name="model.tokens",
        unit="count",
        better=None,
        says="tokens of prompts and replies",
        of=lambda seen, _: _count(sum(seen.tally.tokens.values())),
    ),
    Metric(
        name="tool.p95_ms",
        unit="ms",
        better="low",
        says="95 of 100 calls of tools took at most this",
        of=_times("tool.call", 0.95),
    ),
    Metric(
        name="tool.failed_share",
        unit="share",
        better="low",
        says="calls of tools that failed ÷ all",
        of=_share_of(is_error, "tool.call"),
    ),
    Metric(
        name="error.share",
        unit="share",
        better="low",
        says="events of something that failed ÷ all events",
        of=_errors,
    ),
    Metric(
        name="error.count",
        unit="count",
        better="low",
        says="events of something that failed",
        of=lambda seen, _: _count(seen.count(*seen.kinds, where=is_error)),
    ),
    Metric(
        name="event.count",
        unit="count",
        better=None,
        says="events that were read",
        of=lambda seen, _: _count(seen.count(*seen.kinds)),
    ),
    Metric(
        name="event.set_aside",
        unit="count",
        better="low",
        says="lines that were set aside: damaged, doubled, out of order, or nothing that could be",
        of=lambda seen, _: _count(sum(seen.tally.aside.values())),
    ),
)
BY_NAME = {metric.name: metric for metric in METRICS}
