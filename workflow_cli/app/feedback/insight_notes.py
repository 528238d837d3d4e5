"""An insight as the notes that a change begins with."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches

from workflow_cli.app.feedback.make_report import Report
from workflow_cli.app.feedback.words import insight_line
from workflow_cli.domain.feedback.insights import Insight
from workflow_cli.domain.openspec.proposing.title import one_line
from workflow_cli.errors import UsageError


def insight_of(report: Report, id: str, *, where: str) -> Insight:
    """The insight of that id. Raises UsageError, with the nearest, where there is none, or too little data for it."""
    known = {insight.id: insight for insight in report.insights}
    if (insight := known.get(id)) is None:
        near = get_close_matches(id, known, n=3, cutoff=0.4)
        hint = f"nearest: {', '.join(near)}" if near else "workflow feedback lists them under what is worth changing"
        raise UsageError(f"the events of the last seven days show no insight {id!r}", where=where, hint=hint)
    if not insight.found:
        raise UsageError(
            f"not enough data for {id!r}: {insight.of:,} of {insight.needed:,}",
            where=where,
            hint="wait for more events",
        )
    return insight


def notes_of_insight(insight: Insight, report: Report, *, title: str) -> bytes:
    """Markdown with the title, and what the events show as the reason. What stands in events is text of one line, and no HTML."""
    begins, ends = (
        datetime.fromtimestamp(moment, UTC).date().isoformat()
        for moment in (report.window.begins, report.window.ends - 1)
    )
    shown = one_line(f"`{insight.id}`, {begins} to {ends}: {insight_line(insight)}").replace("<", "&lt;")
    return f"# {one_line(title)}\n\n## Why\n\n- {shown}\n".encode()
