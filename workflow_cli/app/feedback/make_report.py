"""The report over a window: metrics against the window before, groups, patterns of errors, and what is worth changing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from workflow_cli.domain.events.kinds import DRAFT, ITEM
from workflow_cli.domain.feedback.compare import LEVEL, Compared, compared
from workflow_cli.domain.feedback.insights import Insight, insights
from workflow_cli.domain.feedback.limits import Limit
from workflow_cli.domain.feedback.measured import Measured
from workflow_cli.domain.feedback.metrics import BY_NAME, METRICS, SET_ASIDE
from workflow_cli.domain.feedback.rules import RuleJudged, rules_judged
from workflow_cli.domain.feedback.seen import NO_RULES, Seen, seen
from workflow_cli.domain.feedback.tally import DAY, Buckets, Row, Tally, Verdict
from workflow_cli.domain.feedback.verdicts import KnownRules
from workflow_cli.domain.feedback.window import Window

GROUPINGS = ("kind", "answerer", "model", "change")
#: Metrics that make sense for a part of the questions.
_OF_GROUPS = (
    "answer.count",
    "answer.p50_ms",
    "answer.p95_ms",
    "answer.answered_share",
    "answer.accepted_share",
    "answer.reasked_share",
)
_OF_MODELS = ("model.p50_ms", "model.p95_ms", "model.failed_share")
#: Lines that are drawn over time.
SERIES = (
    "answer.count",
    "answer.p50_ms",
    "answer.p95_ms",
    "answer.answered_share",
    "error.share",
    "update.success_share",
)
MOST_PATTERNS = 50


class EventTallies(Protocol):
    """The log, as tallies of hours and days. `newest` is when its last event was; 0 where it has none."""

    newest: float

    @property
    def begins(self) -> float: ...
    def tallies(
        self, begins: int, ends: int, *, by_hour: bool = False, with_changes: bool = False, only_rows: bool = False
    ) -> Iterable[tuple[int, Tally]]: ...
    def total(self, begins: int, ends: int) -> Tally: ...
    def answers_around(self, moment: int) -> frozenset[int]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """Errors of one form. `before` is how many there were in the window before."""

    kind: str
    who: str
    pattern: str
    count: int
    before: int
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """What one answerer, model or kind of question comes to; `name` is empty where it was not said."""

    name: str
    metrics: tuple[tuple[str, Measured], ...]
    #: Of a change: rules, and how many of its checks found each.
    rules: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """`series` are values by step of the window, None where there were no cases. `broken` are limits that hold."""

    window: Window
    newest: float
    metrics: tuple[Compared, ...]
    by: str | None
    groups: tuple[Group, ...]
    series: dict[str, tuple[float | None, ...]]
    kinds: dict[str, int]
    patterns: tuple[Pattern, ...]
    insights: tuple[Insight, ...]
    rules: tuple[RuleJudged, ...]
    aside: dict[str, int]
    broken: tuple[Limit, ...] = ()
    undecided: tuple[Limit, ...] = ()
    degraded: tuple[str, ...] = ()
    narrative: tuple[str, ...] = ()
    dropped: int = 0
    notes: tuple[str, ...] = field(default=())

    def value(self, name: str) -> Compared:
        return next(one for one in self.metrics if one.metric.name == name)

    @property
    def is_blind(self) -> bool:
        """Whether a limit has nothing to go by because no line of the log could be used, although there are lines."""
        return bool(self.undecided and self.aside) and not any(self.kinds.values())

    @property
    def regressions(self) -> tuple[Compared, ...]:
        return tuple(one for one in self.metrics if one.trend == "worse")

    @property
    def improvements(self) -> tuple[Compared, ...]:
        return tuple(one for one in self.metrics if one.trend == "better")


def make_report(
    log: EventTallies,
    window: Window,
    *,
    by: str | None = None,
    limits: Sequence[Limit] = (),
    degraded: Sequence[str] = (),
    rules: Callable[[], KnownRules] = KnownRules,
    muted: Collection[str] = (),
) -> Report:
    """`rules` is only asked for where somebody judged a finding; `muted` are those that are not to be found any more."""
    steps, whole = _tallies(log, window, with_changes=by == "change")
    known = _Given(log)
    earlier = log.total(window.before.begins, window.before.ends)
    orphans = sum(not known(verdict) for verdict in whole.verdicts.values())
    if orphans:
        whole.aside["forged"] = whole.aside.get("forged", 0) + orphans
    book = rules() if whole.findings or earlier.findings else NO_RULES
    now = seen(whole, given=known, known=book, before=earlier.findings)
    before = seen(earlier, given=known, known=book) if earlier.rows else None
    metrics = tuple(compared(metric, now, before) for metric in METRICS)
    measured = {one.metric.name: one.now for one in metrics}
    # Of a log without a line that can be used nothing is known but that.
    blind = bool(whole.aside) and not now.kinds
    undecided = tuple(
        limit for limit in limits if measured[limit.metric].value is None or (blind and limit.metric != SET_ASIDE)
    )
    return Report(
        window=window,
        newest=log.newest,
        metrics=metrics,
        by=by,
        groups=_groups(now, by),
        series=_series(steps, window),
        kinds={kind: now.count(kind) for kind in sorted(now.kinds)},
        patterns=_patterns(whole, earlier),
        insights=tuple(insights(now, book, muted)),
        rules=rules_judged(now, before, muted),
        aside=dict(sorted(whole.aside.items())),
        broken=tuple(limit for limit in limits if limit not in undecided and limit.broken(measured[limit.metric])),
        undecided=undecided,
        degraded=tuple(degraded),
    )


def _tallies(log: EventTallies, window: Window, *, with_changes: bool) -> tuple[dict[int, Tally], Tally]:
    """Of each step, for series, and of the whole window."""
    by_hour = window.step < DAY
    # The sum of days that are over is kept, so only the rows of each are looked at, which is what series are of.
    over = window.begins if by_hour or with_changes else window.ends - DAY
    whole = log.total(window.begins, over)
    steps: dict[int, Tally] = {}
    for start, tally in chain(
        log.tallies(window.begins, over, only_rows=True),
        log.tallies(over, window.ends, by_hour=by_hour, with_changes=with_changes),
    ):
        begins = start - (start - window.begins) % window.step
        if begins in steps:
            steps[begins].add(tally)
        else:
            steps[begins] = tally
    for begins, tally in steps.items():
        if begins >= over:
            whole.add(tally)
    return steps, whole


class _Given:
    """Whether the answer that a verdict is about was given, as far as it says when; days are looked at once.

    Where the log begins later than that, because older files were removed, the verdict is believed.
    """

    def __init__(self, log: EventTallies) -> None:
        self._log = log
        self._days: dict[int, frozenset[int]] = {}

    def __call__(self, verdict: Verdict) -> bool:
        from workflow_cli.domain.feedback.counting import answer_key

        if not verdict.asked_at:
            return verdict.answerer != ""  # `ask --wrong` found it in the cache
        day = verdict.asked_at // 86400
        if day not in self._days:
            self._days[day] = self._log.answers_around(verdict.asked_at)
        return answer_key(verdict.answer_id) in self._days[day] or verdict.asked_at + 1 <= self._log.begins


def _series(steps: Mapping[int, Tally], window: Window) -> dict[str, tuple[float | None, ...]]:
    by_step = {start: Seen(tally) for start, tally in steps.items()}
    empty = Seen(Tally())
    return {
        name: tuple(BY_NAME[name].of(by_step.get(start, empty), LEVEL).value for start in window.starts)
        for name in SERIES
    }


def _patterns(whole: Tally, earlier: Tally) -> tuple[Pattern, ...]:
    found = [
        Pattern(
            kind=key[0],
            who=key[1],
            pattern=key[2],
            count=count,
            before=earlier.errors.get(key, [0])[0],
            examples=tuple(examples),
        )
        for key, (count, examples) in whole.errors.items()
    ]
    found.sort(key=lambda one: (-one.count, one.kind, one.who, one.pattern))
    return tuple(found[:MOST_PATTERNS])


def _groups(now: Seen, by: str | None) -> tuple[Group, ...]:
    if by is None:
        return ()
    if by == "change":
        return _by_change(now)
    place = {"kind": 1, "answerer": 2, "model": 3}[by]
    kinds = ("question", "model.call") if by == "model" else ("question",)
    names = {row[place] for row, _ in now.rows(*kinds)}
    groups = []
    for name in names:
        part = now.restricted(
            lambda row, name=name: row[0] in kinds and row[place] == name,  # type: ignore[misc]
            lambda verdict, name=name: (verdict.question_kind, verdict.answerer, verdict.model)[place - 1] == name,  # type: ignore[misc]
        )
        wanted = (*_OF_GROUPS, *_OF_MODELS) if by == "model" else _OF_GROUPS
        metrics = tuple((metric, BY_NAME[metric].of(part, LEVEL)) for metric in wanted)
        groups.append((part, Group(name=name, metrics=metrics)))
    return _largest_first(groups)


def _largest_first(groups: Iterable[tuple[Seen, Group]]) -> tuple[Group, ...]:
    """By how many events each is made of, and then by name."""
    by_size = sorted(groups, key=lambda one: (-one[0].count(*one[0].kinds), one[1].name))
    return tuple(group for _, group in by_size)


_OF_CHANGES = (
    "answer.count",
    "answer.p50_ms",
    "answer.p95_ms",
    "answer.answered_share",
    "answer.accepted_share",
    "item.valid_share",
    "draft.accepted_share",
    "draft.undone_share",
)
#: Counted beside the metrics: what, of which kind of event, with which outcome.
_CHANGE_COUNTS = (
    ("checks", ITEM, None),
    ("drafts written", DRAFT, "committed"),
    ("drafts rejected", DRAFT, "rejected"),
)
_MOST_RULES = 5


def _by_change(now: Seen) -> tuple[Group, ...]:
    rows: dict[str, dict[Row, Buckets]] = {}
    for (kind, change, outcome), buckets in now.tally.changes.items():
        rows.setdefault(change, {})[kind, "", "", "", outcome] = buckets
    rules: dict[str, dict[str, int]] = {}
    for (rule, change), count in now.tally.rules.items():
        rules.setdefault(change, {})[rule] = count
    groups = []
    for change, of in rows.items():
        part = Seen(Tally(rows=of), tuple(verdict for verdict in now.verdicts if verdict.change == change))
        metrics = [(name, BY_NAME[name].of(part, LEVEL)) for name in _OF_CHANGES]
        for name, kind, how in _CHANGE_COUNTS:
            count = part.count(kind, where=lambda row, how=how: how in (None, row[4]))  # type: ignore[misc]
            metrics.append((name, Measured(value=float(count), low=float(count), high=float(count), n=count, needed=0)))
        if change not in rules and not any(measured.n for _, measured in metrics):
            continue  # such as one whose proposal was refused
        found = sorted(rules.get(change, {}).items(), key=lambda rule: (-rule[1], rule[0]))
        groups.append((part, Group(name=change, metrics=tuple(metrics), rules=tuple(found[:_MOST_RULES]))))
    return _largest_first(groups)
