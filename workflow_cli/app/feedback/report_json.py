"""The report as one JSON value: `feedback-report.schema.json` describes it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from workflow_cli.app.feedback.make_report import Group, Report
from workflow_cli.domain.feedback.compare import Compared
from workflow_cli.domain.feedback.insights import Insight
from workflow_cli.domain.feedback.measured import Measured
from workflow_cli.domain.feedback.rules import RuleJudged
from workflow_cli.domain.feedback.window import Window


def report_to_json(report: Report) -> dict[str, Any]:
    return {
        "window": _window(report.window),
        "previous": _window(report.window.before),
        "newest_event": moment(report.newest) if report.newest else None,
        "metrics": [_compared(one) for one in report.metrics],
        "by": report.by,
        "groups": [_group(group) for group in report.groups],
        "series": {
            "starts": [moment(start) for start in report.window.starts],
            "values": {name: [_number(value) for value in values] for name, values in report.series.items()},
        },
        "events": report.kinds,
        "errors": [
            {
                "kind": one.kind,
                "who": one.who or None,
                "pattern": one.pattern,
                "count": one.count,
                "before": one.before,
                "examples": list(one.examples),
            }
            for one in report.patterns
        ],
        "regressions": [one.metric.name for one in report.regressions],
        "improvements": [one.metric.name for one in report.improvements],
        "rules": [_rule(one) for one in report.rules],
        "insights": [_insight(one) for one in report.insights],
        "set_aside": report.aside,
        "broken": [{"condition": one.text, "metric": one.metric} for one in report.broken],
        "undecided": [{"condition": one.text, "metric": one.metric} for one in report.undecided],
        "narrative": {"sentences": list(report.narrative), "dropped": report.dropped} if report.narrative else None,
    }


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _window(window: Window) -> dict[str, Any]:
    return {"from": moment(window.begins), "until": moment(window.ends), "step_hours": window.step // 3600}


def _number(value: float | None) -> float | None:
    """Four digits are more than is known; infinity is no number of JSON."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}") if value < 1e4 else round(value)


def _measured(measured: Measured) -> dict[str, Any]:
    return {
        "value": _number(measured.value),
        "low": _number(measured.low) if measured.value is not None else None,
        "high": _number(measured.high) if measured.value is not None else None,
        "n": measured.n,
        "enough": measured.enough,
        "needed": measured.needed,
    }


def _compared(one: Compared) -> dict[str, Any]:
    return {"name": one.metric.name, "unit": one.metric.unit, "better": one.metric.better, **_against(one)}


def _against(one: Compared) -> dict[str, Any]:
    return {
        **_measured(one.now),
        "previous": _measured(one.before) if one.before is not None else None,
        "trend": one.trend,
        "change": None
        if one.change is None
        else {"value": _number(one.change), "low": _number(one.change_low), "high": _number(one.change_high)},
    }


def _rule(one: RuleJudged) -> dict[str, Any]:
    """Its measured values are of the share that people accepted."""
    return {
        "rule": one.rule,
        "accepted": one.yes,
        "rejected": one.no,
        "found": one.found,
        "checks": one.checks,
        "found_before": one.found_before,
        "checks_before": one.checks_before,
        "muted": one.muted,
        **_against(one.accepted),
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name or None,
        "metrics": {name: _measured(measured) for name, measured in group.metrics},
        "rules": dict(group.rules),
    }


def _insight(one: Insight) -> dict[str, Any]:
    return {
        "id": one.id,
        "says": one.says,
        "found": one.found,
        "cost_seconds": round(one.cost_seconds, 3),
        "cases": one.cases,
        "of": one.of,
        "needed": one.needed,
        "rate": None if one.rate is None else {"low": _number(one.rate.low), "high": _number(one.rate.high)},
        "lever": one.lever,
        "why": one.why,
        "evidence": list(one.evidence),
    }
