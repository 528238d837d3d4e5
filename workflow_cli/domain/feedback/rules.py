"""What people think of the findings of each rule, against the window before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_cli.domain.events.kinds import ITEM
from workflow_cli.domain.feedback.compare import Compared, compared
from workflow_cli.domain.feedback.measured import Measured, share
from workflow_cli.domain.feedback.metrics import Metric
from workflow_cli.domain.feedback.seen import Seen


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleJudged:
    """`accepted` is the share of its findings and repairs that people accepted. `found` of `checks` reported it."""

    rule: str
    accepted: Compared
    yes: int
    no: int
    found: int
    checks: int


def rules_judged(now: Seen, before: Seen | None) -> tuple[RuleJudged, ...]:
    """Of every rule that somebody judged a finding of, in either window: the most rejected first."""
    checks = now.count(ITEM)
    found: dict[str, int] = {}
    for (rule, _), count in now.tally.rules.items():
        found[rule] = found.get(rule, 0) + count
    told = [
        RuleJudged(
            rule=rule,
            accepted=compared(_share_accepted(rule), now, before),
            yes=yes,
            no=no,
            found=found.get(rule, 0),
            checks=checks,
        )
        for rule, (yes, no) in _by_rule(now, before)
    ]
    return tuple(sorted(told, key=lambda one: (-one.no, -one.yes, one.rule)))


def _by_rule(now: Seen, before: Seen | None) -> Iterator[tuple[str, tuple[int, int]]]:
    said: dict[str, list[int]] = {finding.rule: [0, 0] for finding in (before.findings if before else ())}
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
