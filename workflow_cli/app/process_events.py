"""The events a run of `process` leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workflow_cli.app.report import Item, Report, StepOutcome

if TYPE_CHECKING:
    from workflow_cli.app.ports import EventLog


def record_item(events: EventLog, item: Item) -> None:
    """One event for an item, unless nothing of it was done anew."""
    if all(step.outcome is StepOutcome.REUSED for step in item.steps) and not item.fault:
        return
    rules: dict[str, int] = {}
    for finding in item.findings:
        rules[finding.rule] = rules.get(finding.rule, 0) + 1
    events.append(
        {
            "kind": "process.item",
            "item": f"{item.kind}/{item.id}",
            "valid": item.valid,
            "outcome": "failed" if item.fault else "done",
            "fault": item.fault.message if item.fault else None,
            "rules": rules,
            "questions": len(item.questions),
            "open_blocking": len(item.open_blocking),
            "steps": {step.name: step.milliseconds for step in item.steps if step.outcome is StepOutcome.DONE},
            "duration_ms": round(sum(step.milliseconds for step in item.steps), 3),
        }
    )


def record_run(events: EventLog, report: Report, steps: Sequence[str], seconds: float) -> None:
    """One event for the whole run."""
    events.append(
        {
            "kind": "process",
            "steps": list(steps),
            "strict": report.strict,
            "items": len(report.items),
            "invalid": sum(item.valid is False for item in report.items),
            "failed": sum(item.fault is not None for item in report.items),
            "reused": sum(
                bool(item.steps) and all(s.outcome is StepOutcome.REUSED for s in item.steps) for item in report.items
            ),
            "outcome": report.status,
            "exit_code": report.exit_code,
            "duration_ms": round(seconds * 1000, 3),
        }
    )


def record_failure(events: EventLog, error: str, steps: Sequence[str], seconds: float) -> None:
    """One event for a run that came to no report; `error` is the kind of error that ended it."""
    events.append(
        {
            "kind": "process",
            "steps": list(steps),
            "outcome": "failed",
            "error": error,
            "duration_ms": round(seconds * 1000, 3),
        }
    )


def record_lost_results(events: EventLog, report: Report) -> None:
    """One event for results that could not be written after the run itself had ended."""
    events.append(
        {
            "kind": "process.output",
            "outcome": "failed",
            "exit_code": report.exit_code,
            "faults": [fault.message for fault in report.faults],
        }
    )
