"""Places as a code host wants them: from the top of the checkout, not from the root of the tree."""

from __future__ import annotations

from dataclasses import replace

from workflow_cli.app.report import Item, Report
from workflow_cli.domain.openspec.finding import Finding, Place


def from_checkout(report: Report, prefix: str) -> Report:
    """The report with `prefix`, such as `packages/api/`, before every file; `path` stays what its origin said."""
    if not prefix:
        return report

    def moved(place: Place) -> Place:
        return replace(place, file=prefix + place.file)

    def finding(old: Finding) -> Finding:
        return replace(old, place=moved(old.place))

    def item(old: Item) -> Item:
        return replace(
            old,
            file=prefix + old.file,
            findings=tuple(map(finding, old.findings)),
            tolerated=tuple(map(finding, old.tolerated)),
            questions=tuple(replace(q, place=moved(q.place)) for q in old.questions),
        )

    return replace(report, items=tuple(map(item, report.items)))
