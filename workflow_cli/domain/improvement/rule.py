"""The decision rule, fixed and hashed before the first observation of the treatment, and its fold over pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from workflow_cli.domain.improvement.evidence import Wealth, sign_e_value, with_margin
from workflow_cli.domain.improvement.intervals import Interval, mean_interval
from workflow_cli.domain.improvement.setting_values import fingerprint

#: What a reversal of something kept needs.
REVERSAL_E = 100.0
#: The guard against late answers, and a margin that holds nothing up.
_SLOW = "slow"
_ANY_LOSS = 1.0
NOTHING = Wealth()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Thresholds. `guard_margins` are by the first word of a guard's name; times are in seconds.

    `evidence` is `mean`, or `sign` where an outcome is found or not found: then only pairs that differ count for it, and the
    mean has to be large enough all the same, and twice its standard error. A treatment that looks worse after `hopeless_pairs`, or shows no gain after
    `futile_pairs` and does not come sooner for sure either, is given up. `most_head_start` bounds what asking again may contribute to evidence from
    traffic: what a replayed answer cites may not be what it says. As long as the evidence of harm is at `doubt_e`, a probation is not over after
    `probation_requests`: of these a tenth is held back, which may be too few to show what they begin to show.
    """

    evidence: str = "mean"
    keep_e: float = 20.0
    least_pairs: int = 20
    least_gain: float = 0.02
    abort_e: float = 5.0
    failures: int = 3
    most_head_start: float = 4.0
    hopeless_pairs: int = 8
    futile_pairs: int = 40
    most_pairs: int = 240
    most_seconds: float = 14 * 86400.0
    guard_e: float = 1.0
    least_guard_pairs: int = 8
    guard_margins: Mapping[str, float] = field(default_factory=lambda: {"acceptance": 0.15, "slow": 0.2, "kind": 0.2})
    probation_requests: int = 100
    probation_seconds: float = 7 * 86400.0
    holdback: float = 0.1
    rollback_e: float = 10.0
    doubt_e: float = 1.5

    @property
    def hash(self) -> str:
        return fingerprint(self.as_json())

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "guard_margins": dict(self.guard_margins)}

    def margin(self, guard: str) -> float:
        return self.guard_margins[guard.partition(":")[0]]


def way_back(rule: Rule) -> Rule:
    """The rule for going back to what somebody had before a change was kept.

    Far more is needed than for the change itself. But how late its answers may be is settled: people had it so, and right answers
    often take longer than the quick wrong ones that are to go. Time counts in every difference as always.
    """
    return replace(rule, keep_e=REVERSAL_E, guard_margins={**rule.guard_margins, _SLOW: _ANY_LOSS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """One comparison. `difference` is above 0 where the treatment was better, and so are those of the guards.

    `sooner` are the differences of all requests since the last pair, judged or not, were all answers as good as each other.
    `sign` is 1 where only the treatment found what was sought, and -1 where only the base did. `guards` holds those that this pair says anything about: `acceptance`, `slow`, `kind:<kind>`.
    """

    difference: float
    sign: int = 0
    sooner: tuple[float, ...] = ()
    guards: Mapping[str, float] = field(default_factory=dict)
    base_failed: bool = False
    treated_failed: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """Evidence that there is no loss beyond the margin, and that there is one."""

    pairs: int = 0
    kept: Wealth = NOTHING
    harm: Wealth = NOTHING

    def after(self, difference: float, margin: float) -> Guard:
        moved = with_margin(difference, margin)
        # Harm is shown against the margin too: a loss within it is none.
        return Guard(self.pairs + 1, self.kept.after(moved), self.harm.after(max(-1.0, -(difference + margin))))


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """What was seen so far."""

    pairs: int = 0
    total: float = 0.0
    gain: Wealth = NOTHING
    harm: Wealth = NOTHING
    failures: int = 0
    guards: Mapping[str, Guard] = field(default_factory=dict)
    differences: tuple[float, ...] = ()
    sooner: Wealth = NOTHING
    wins: int = 0
    losses: int = 0
    head_start: float = 1.0

    def e_value(self, rule: Rule) -> float:
        """For a gain, with the head start that the replay gave."""
        e = sign_e_value(self.wins, self.losses) if rule.evidence == "sign" else self.gain.e_value
        return e * min(rule.most_head_start, max(1.0, self.head_start))

    @property
    def mean(self) -> float:
        return self.total / self.pairs if self.pairs else 0.0

    @property
    def standard_error(self) -> float:
        """Infinite below two pairs."""
        if self.pairs < 2:
            return math.inf
        mean = self.mean
        return math.sqrt(sum((d - mean) ** 2 for d in self.differences) / (self.pairs - 1) / self.pairs)

    def interval(self, level: float = 0.95) -> Interval:
        return mean_interval(self.differences, level=level)

    def after(self, pair: Pair, rule: Rule) -> Progress:
        guards = dict(self.guards)
        for name, difference in pair.guards.items():
            guards[name] = guards.get(name, Guard()).after(difference, rule.margin(name))
        sooner = self.sooner
        for difference in pair.sooner:
            sooner = sooner.after(difference)
        failed_alone = pair.treated_failed and not pair.base_failed
        return replace(
            self,
            pairs=self.pairs + 1,
            total=self.total + pair.difference,
            gain=self.gain.after(pair.difference),
            harm=self.harm.after(-pair.difference),
            failures=self.failures + 1 if failed_alone else 0,
            guards=guards,
            differences=(*self.differences, pair.difference),
            sooner=sooner,
            wins=self.wins + (pair.sign > 0),
            losses=self.losses + (pair.sign < 0),
        )


class Ruling(StrEnum):
    KEEP = "keep"
    ABORT = "abort"
    EXPIRE = "expire"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """`reason` is machine-readable: a word, and a figure where there is one."""

    ruling: Ruling
    reason: str


def decide(rule: Rule, progress: Progress, *, elapsed: float, broken: str | None = None) -> Decision | None:
    """The ruling, or None to go on. `broken` names an invariant that does not hold any more."""
    if broken is not None:
        return Decision(ruling=Ruling.ABORT, reason=broken)
    if progress.harm.e_value >= rule.abort_e:
        return Decision(ruling=Ruling.ABORT, reason=f"harm: e={progress.harm.e_value:.1f}")
    if progress.failures >= rule.failures:
        return Decision(ruling=Ruling.ABORT, reason=f"failures_in_a_row: {progress.failures}")
    for name, guard in progress.guards.items():
        if guard.harm.e_value >= rule.abort_e:
            return Decision(ruling=Ruling.ABORT, reason=f"guard: {name}")
    if keeps(rule, progress):
        return Decision(ruling=Ruling.KEEP, reason=f"gain: e={progress.e_value(rule):.1f}")
    hopeless = progress.pairs >= rule.hopeless_pairs and progress.mean < -0.5 * progress.standard_error
    if hopeless or (progress.pairs >= rule.futile_pairs and not _promising(rule, progress)):
        # Nothing is kept by waiting for luck, and something else could be tried meanwhile.
        return Decision(ruling=Ruling.EXPIRE, reason=f"no_gain: {progress.mean:.3f}")
    if progress.pairs >= rule.most_pairs:
        return Decision(ruling=Ruling.EXPIRE, reason=f"pairs: {progress.pairs}")
    if elapsed >= rule.most_seconds:
        return Decision(ruling=Ruling.EXPIRE, reason=f"insufficient_pairs: {progress.pairs}/{rule.least_pairs}")
    return None


def keeps(rule: Rule, progress: Progress) -> bool:
    return (
        progress.pairs >= rule.least_pairs
        and progress.e_value(rule) >= rule.keep_e
        and progress.mean >= rule.least_gain
        and (rule.evidence != "sign" or progress.mean >= 2 * progress.standard_error)
        and all(_holds(rule, guard) for guard in progress.guards.values())
    )


def _promising(rule: Rule, progress: Progress) -> bool:
    if progress.mean < rule.least_gain:
        return False
    return progress.gain.e_value >= 1 or progress.sooner.e_value >= rule.keep_e


def _holds(rule: Rule, guard: Guard) -> bool:
    """A guard about which little is known holds as long as nothing speaks against it: its differences are in the mean."""
    if guard.pairs < rule.least_guard_pairs:
        return guard.harm.e_value < 2
    return guard.kept.e_value >= rule.guard_e


class Sequel(StrEnum):
    """What becomes of a kept change."""

    CONFIRMED = "confirmed"
    ROLL_BACK = "roll_back"


def after_keeping(rule: Rule, progress: Progress, *, requests: int, elapsed: float) -> Sequel | None:
    """The end of the probation, or None to go on; pairs compare the kept change with the hold-back."""
    if progress.harm.e_value >= rule.rollback_e:
        return Sequel.ROLL_BACK
    if elapsed >= rule.probation_seconds:
        return Sequel.CONFIRMED
    if requests >= rule.probation_requests and progress.harm.e_value < rule.doubt_e:
        return Sequel.CONFIRMED
    return None
