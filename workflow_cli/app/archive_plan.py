"""What archiving one change would write, and every reason not to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workflow_cli.app.archive_report import ArchivedChange, Outcome, Refused, SpecResult
from workflow_cli.domain.openspec.archiving.older_text import BroughtUpToDate
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.review.draft import Draft
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import Revision


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """`draft` is there even where `refusals` keep it from being committed.

    `has_to_wait`: nothing is wrong with the change, but another open one could not be archived after it.
    """

    change: Change
    draft: Draft
    target: str
    up_to_date: BroughtUpToDate
    specs: tuple[SpecResult, ...] = ()
    refusals: tuple[Refused, ...] = ()
    warnings: tuple[Finding, ...] = ()
    is_invalid: bool = False
    has_to_wait: bool = False

    def with_refusal(self, refusal: Refused) -> Plan:
        return replace(self, refusals=(refusal, *self.refusals))

    def with_warnings(self, warnings: Iterable[Finding]) -> Plan:
        return replace(self, warnings=(*self.warnings, *warnings))

    def result(
        self, outcome: Outcome, *, reasons: tuple[Reason, ...] = (), revision: Revision | None = None
    ) -> ArchivedChange:
        return ArchivedChange(
            change=self.change.name,
            outcome=outcome,
            target=self.target,
            specs=self.specs,
            warnings=self.warnings,
            bases=self.up_to_date.bases,
            reasons=reasons,
            draft=self.draft,
            revision=revision,
        )

    def refused(self) -> ArchivedChange:
        return replace(self.result(Outcome.REFUSED), specs=(), draft=None, refusals=self.refusals)

    def left(self, why: str) -> ArchivedChange:
        return replace(self.result(Outcome.LEFT), specs=(), draft=None, refusals=self.refusals, why=why)
