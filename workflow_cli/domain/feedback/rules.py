"""What people think of the findings of each rule, against the window before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workflow_cli.domain.events.kinds import ITEM
from workflow_cli.domain.feedback.compare import Compared, compared
from workflow_cli.domain.feedback.measured import Measured, share
from workflow_cli.domain.feedback.metrics import Metric
from workflow_cli.domain.feedback.seen import Seen


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleJudged:
    """`accepted` is the share of its findings and repairs that people accepted. `found` of `checks` reported it, and in the
    window before `found_before` of `checks_before`. `muted`: the settings say that it is not run any more."""

    rule: str
    accepted: Compared
    yes: int
    no: int
    found: int
    checks: int
    found_before: int
    checks_before: int
    muted: bool


def rules_judged(now: Seen, before: Seen | None, muted: Collection[str] = ()) -> tuple[RuleJudged, ...]:
    """Of every rule that somebody judged a finding of, or that is muted and spoke, in either window: the most rejected first."""
    checks, checks_before = now.count(ITEM), before.count(ITEM) if before else 0
    found, found_before = _found(now), _found(before)
    told = [
        RuleJudged(
            rule=rule,
            accepted=compared(_share_accepted(rule), now, before),
            yes=yes,
            no=no,
            found=found.get(rule, 0),
            checks=checks,
            found_before=found_before.get(rule, 0),
            checks_before=checks_before,
            muted=rule in muted,
        )
        for rule, (yes, no) in _by_rule(now, before, [rule for rule in muted if rule in found or rule in found_before])
    ]
    return tuple(sorted(told, key=lambda one: (-one.no, -one.yes, one.rule)))


def _found(seen: Seen | None) -> dict[str, int]:
    """How many checks reported each rule."""
    found: dict[str, int] = {}
    for (rule, _), count in seen.tally.rules.items() if seen else ():
        found[rule] = found.get(rule, 0) + count
    return found


def _by_rule(now: Seen, before: Seen | None, also: Collection[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    said: dict[str, list[int]] = {rule: [0, 0] for rule in also}
    for finding in before.findings if before else ():
        said.setdefault(finding.rule, [0, 0])
    for finding in now.findings:
        said.setdefault(finding.rule, [0, 0])[not finding.accepted] += 1
    return ((rule, (yes, no)) for rule, (yes, no) in said.items())


def _share_accepted(rule: str) -> Metric:
    def of(seen: Seen, level: float) -> Measured:
        said = [finding.accepted for finding in seen.findings if finding.rule == rule]
        return share(sum(said), len(said), level)

    return Metric(
        name=f"finding.accepted_share:{rule}",
        unit="share",
        better="high",
        says=f"findings and repairs of {rule} that people accepted ÷ those they decided about",
        of=of,
    )
