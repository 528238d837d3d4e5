"""What metrics and insights ask of a tally."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from workflow_cli.domain.feedback.counting import CACHED, COVERAGE_STEPS
from workflow_cli.domain.feedback.durations import Durations
from workflow_cli.domain.feedback.tally import NO_DURATION, Buckets, Row, Said, Tally, Verdict, add_counts
from workflow_cli.domain.feedback.verdicts import KnownRules, judged, judged_findings
from workflow_cli.domain.improvement.judgement import Suggestion

_FAILED = frozenset({"failed", "error", "timeout", "unreachable"})
NO_RULES = KnownRules()
_TOOL_FINE = frozenset({"answered", "done", "cancelled"})


@dataclass(slots=True)
class Seen:
    """A tally, with what metrics ask of it. `verdicts` on answers and `findings` are those that count."""

    tally: Tally
    verdicts: tuple[Verdict, ...] = ()
    findings: tuple[Suggestion, ...] = ()
    #: By kind of event: rows, durations, and how many there are.
    _of: dict[str, list[tuple[Row, Buckets, int]]] = field(default_factory=dict)
    #: Found once, because several metrics are of the same durations.
    _durations: dict[tuple[Row, ...], Durations] = field(default_factory=dict)
    #: Found once, because a metric is looked at several times; see the function of this name.
    outdated: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for row, buckets in self.tally.rows.items():
            self._of.setdefault(row[0], []).append((row, buckets, sum(buckets.values())))

    def rows(self, *kinds: str) -> Iterable[tuple[Row, Buckets]]:
        return ((row, buckets) for kind in kinds for row, buckets, _ in self._of.get(kind, ()))

    def count(self, *kinds: str, where: Callable[[Row], bool] | None = None) -> int:
        return sum(n for kind in kinds for row, _, n in self._of.get(kind, ()) if where is None or where(row))

    def durations(self, *kinds: str, where: Callable[[Row], bool] = lambda _: True) -> Durations:
        among = [entry for entry in self.rows(*kinds) if where(entry[0])]
        rows = tuple(row for row, _ in among)
        if rows not in self._durations:
            whole: Buckets = {}
            for _, buckets in among:
                add_counts(whole, buckets)
            whole.pop(NO_DURATION, None)
            self._durations[rows] = Durations(whole)
        return self._durations[rows]

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


def seen(
    tally: Tally,
    *,
    given: Callable[[Verdict], bool],
    known: KnownRules = NO_RULES,
    before: Mapping[tuple[str, str], Said] | None = None,
) -> Seen:
    """`given` tells whether the answer that a verdict is about was given; findings that were judged so `before` are left out."""
    findings = judged_findings(tally.findings, before=before or {}, known=known) if tally.findings else ()
    return Seen(tally, judged(tally.verdicts.values(), given=given), findings)


def repeats(seen: Seen) -> tuple[int, int]:
    """How many answers were to questions that had been answered before, and how many of those the cache gave."""
    cached = seen.count("question", where=lambda row: row[4].endswith(CACHED))
    asked = seen.tally.asked
    return cached + sum(asked.values()) - len(asked), cached


def outdated(seen: Seen) -> tuple[int, int]:
    """How many citations were of a section as it was before it was changed, and how many citations there are."""
    if seen.outdated is None:
        newest: dict[int, tuple[int, int]] = {}
        for (section, _), (count, last) in seen.tally.cited.items():
            newest[section] = max(newest.get(section, (0, 0)), (last, count))
        every = sum(count for count, _ in seen.tally.cited.values())
        seen.outdated = every - sum(count for _, count in newest.values()), every
    return seen.outdated


def found_half(seen: Seen, among: Callable[[tuple[str, str, str]], bool] = lambda _: True) -> tuple[int, int]:
    """How many questions had a passage with half of what they ask about, and for how many passages were sought."""
    half = every = 0
    for key, steps in seen.tally.retrieved.items():
        if among(key):
            every += sum(steps.values())
            half += sum(count for step, count in steps.items() if 2 * step >= COVERAGE_STEPS)
    return half, every


def status(row: Row) -> str:
    return row[4].removesuffix(CACHED)


def is_error(row: Row) -> bool:
    if row[0] == "tool.call":
        return row[4] not in _TOOL_FINE
    return status(row) in _FAILED
