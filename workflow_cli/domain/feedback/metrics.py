"""Every metric there is: what it is called, what it counts, and which way is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from workflow_cli.domain.feedback.counting import CACHED
from workflow_cli.domain.feedback.measured import Measured, Unit, counted, quantile, share
from workflow_cli.domain.feedback.seen import Seen, found_half, is_error, outdated, repeats, status
from workflow_cli.domain.feedback.tally import Row

_WRITING = ("update", "propose", "archive", "history.undo", "archive.undo")
_NOT_WRITTEN = frozenset({"failed", "refused"})
_RUNS = ("process", "question", "update", "propose", "archive", "review", "history.undo", "archive.undo")
SET_ASIDE = "event.set_aside"
_NOT_COMPLETED = frozenset({"failed", "interrupted"})


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


def _times(kind: str, q: float, where: Callable[[Row], bool] = lambda _: True) -> Callable[[Seen, float], Measured]:
    return lambda seen, level: quantile(q, seen.durations(kind, where=where), level)


def _share_of(
    hit: Callable[[Row], bool], *kinds: str, among: Callable[[Row], bool] = lambda _: True
) -> Callable[[Seen, float], Measured]:
    return lambda seen, level: share(
        seen.count(*kinds, where=lambda row: among(row) and hit(row)), seen.count(*kinds, where=among), level
    )


def _reasked(seen: Seen, level: float) -> Measured:
    n = seen.count("question", where=lambda row: bool(row[2]))
    return share(min(n, sum(entry[0] for entry in seen.tally.reasked.values())), n, level)


def _cache_hits(seen: Seen, level: float) -> Measured:
    again, cached = repeats(seen)
    return share(cached, again, level)


def _outdated(seen: Seen, level: float) -> Measured:
    return share(*outdated(seen), level)


def _found(seen: Seen, level: float) -> Measured:
    return share(*found_half(seen), level)


def _accepted(seen: Seen, level: float) -> Measured:
    return share(sum(verdict.accepted for verdict in seen.verdicts), len(seen.verdicts), level)


def _findings_accepted(seen: Seen, level: float) -> Measured:
    return share(sum(finding.accepted for finding in seen.findings), len(seen.findings), level)


def _undone(seen: Seen, level: float) -> Measured:
    """Each was taken back by another draft, which was written at the same moment and is none of those meant here."""
    undone = seen.count("draft", where=lambda row: row[4] == "undone")
    written = max(0, seen.count("draft", where=lambda row: row[4] == "committed") - undone)
    return share(min(undone, written), written, level)


def _quality(seen: Seen, level: float) -> Measured:
    """Of everything that a model made and a person decided about: drafts and answers."""
    drafts = [(row[4], sum(buckets.values())) for row, buckets in seen.rows("draft") if row[1] == "model"]
    answers = [verdict.accepted for verdict in seen.verdicts if verdict.model or verdict.answerer == "model"]
    good = sum(count for outcome, count in drafts if outcome == "approved") + sum(answers)
    reviewed = sum(count for outcome, count in drafts if outcome in _DECIDED) + len(answers)
    return share(good, reviewed, level)


_DECIDED = frozenset({"approved", "rejected"})


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
        of=lambda seen, _: counted(seen.count("question")),
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
        of=_share_of(lambda row: status(row) == "answered", "question"),
    ),
    Metric(
        name="answer.pending_share",
        unit="share",
        better="low",
        says="questions that had to wait for a person ÷ asked",
        of=_share_of(lambda row: status(row) == "pending", "question"),
    ),
    Metric(
        name="answer.failed_share",
        unit="share",
        better="low",
        says="questions that nobody could look into ÷ asked",
        of=_share_of(lambda row: status(row) == "failed", "question"),
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
        says="drafts that were taken back ÷ drafts that were written, but for those that took others back",
        of=_undone,
    ),
    Metric(
        name="finding.accepted_share",
        unit="share",
        better="high",
        says="findings and repairs of rules that people accepted ÷ those they decided about",
        of=_findings_accepted,
    ),
    Metric(
        name="workflow.completed_share",
        unit="share",
        better="high",
        says="runs, questions, edits and decisions that came to an end of their own ÷ begun",
        of=_share_of(lambda row: status(row) not in _NOT_COMPLETED, *_RUNS),
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
        of=lambda seen, _: counted(sum(seen.tally.tokens.values())),
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
        of=lambda seen, _: counted(seen.count(*seen.kinds, where=is_error)),
    ),
    Metric(
        name="event.count",
        unit="count",
        better=None,
        says="events that were read",
        of=lambda seen, _: counted(seen.count(*seen.kinds)),
    ),
    Metric(
        name=SET_ASIDE,
        unit="count",
        better="low",
        says="lines that were set aside: damaged, doubled, out of order, or nothing that could be",
        of=lambda seen, _: counted(sum(seen.tally.aside.values())),
    ),
)
BY_NAME = {metric.name: metric for metric in METRICS}
