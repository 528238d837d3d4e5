"""What a muted rule would have said. It is not run any more, so that is reckoned from how often it spoke before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.improvement.intervals import Interval, proportion_interval
from workflow_cli.domain.improvement.judgement import Suggestion
from workflow_cli.domain.improvement.observation import Checked

#: How long before it was muted is looked at.
_REACH = 14 * 86400.0
#: Of fewer checks nothing is reckoned.
_LEAST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """Of `checks` in the two weeks before, `found` reported the rule; of `since`, which came after, `heard` did.

    Of `judged` verdicts that people gave on its findings before, `rejected` were rejections.
    """

    rule: str
    found: int
    checks: int
    since: int
    heard: int
    rejected: int
    judged: int

    @property
    def unsaid(self) -> Interval | None:
        """In how many of the checks since it would have spoken; None where there is too little to say that, or it spoke."""
        if self.checks < _LEAST or self.heard:
            return None
        rate = proportion_interval(self.found, self.checks)
        return Interval(rate.low * self.since, rate.high * self.since)


def silence_of(rule: str, at: float, *, checks: Sequence[Checked], suggestions: Sequence[Suggestion]) -> Silence:
    """`at`: when it was muted."""
    before = [check for check in checks if at - _REACH <= check.at < at]
    since = [check for check in checks if check.at >= at]
    judged = [said for said in suggestions if said.rule == rule and said.at < at]
    return Silence(
        rule=rule,
        found=sum(rule in check.rules for check in before),
        checks=len(before),
        since=len(since),
        heard=sum(rule in check.rules for check in since),
        rejected=sum(not said.accepted for said in judged),
        judged=len(judged),
    )
