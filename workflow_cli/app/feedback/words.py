"""Metrics and insights in words and numbers, the same in every format."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from workflow_cli.domain.feedback.compare import Compared
from workflow_cli.domain.feedback.insights import Insight
from workflow_cli.domain.feedback.measured import Measured, Unit
from workflow_cli.domain.feedback.rules import RuleJudged

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "answer.count": "Asked",
        "answer.p50_ms": "Time, half",
        "answer.p95_ms": "Time, 95 of 100",
        "answer.p99_ms": "Time, 99 of 100",
        "answer.answered_share": "Answered",
        "answer.pending_share": "Waited for a person",
        "answer.failed_share": "Nobody could look",
        "answer.cached_share": "From the cache",
        "cache.hit_share": "Repeats out of the cache",
        "cache.outdated_share": "Sources changed since",
        "retrieval.found_share": "Found in the documents",
        "answer.accepted_share": "Accepted by people",
        "answer.reasked_share": "Asked again",
        "wait.p50_ms": "Wait for a person, half",
        "wait.p95_ms": "Wait for a person, 95 of 100",
        "update.success_share": "Documents written",
        "update.p95_ms": "Time of an edit, 95 of 100",
        "analysis.quality_share": "Accepted of what models made",
        "draft.accepted_share": "Drafts approved",
        "draft.undone_share": "Drafts taken back",
        "finding.accepted_share": "Findings accepted",
        "workflow.completed_share": "Workflows completed",
        "process.completed_share": "Checks completed",
        "process.p95_ms": "Time of a check, 95 of 100",
        "item.valid_share": "Items valid",
        "item.failed_share": "Items not evaluated",
        "model.p50_ms": "Time of a request, half",
        "model.p95_ms": "Time of a request, 95 of 100",
        "model.failed_share": "Requests failed",
        "model.tokens": "Tokens",
        "tool.p95_ms": "Time of a call, 95 of 100",
        "tool.failed_share": "Calls failed",
        "error.share": "Events that failed",
        "error.count": "Failures",
        "event.count": "Events",
        "event.set_aside": "Lines set aside",
    }
)
AREAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Questions": ("answer", "cache", "retrieval", "wait"),
        "Documents": ("update", "draft", "finding"),
        "Quality of what models make": ("analysis",),
        "Workflow": ("workflow", "process", "item"),
        "Models and tools": ("model", "tool"),
        "Errors": ("error", "event"),
    }
)
TRENDS = MappingProxyType({"better": "better", "worse": "worse", "same": "no change", "unknown": ""})


def shown(value: float | None, unit: Unit) -> str:
    """`1,480 ms`, `2.31 s`, `4.6 min`, `93.4 %`, `4,812`."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "∞"
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "count":
        return f"{value:,.0f}"
    if value < 10:
        return f"{value:.2g} ms"
    if value < 10_000:
        return f"{value:,.0f} ms"
    return duration(value / 1000)


def duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:,.1f} h"


def interval(measured: Measured, unit: Unit) -> str:
    """`[1,390 ms … 1,510 ms]`; empty for counts and where there is nothing."""
    if unit == "count" or measured.value is None or measured.n == 0:
        return ""
    low = 0.0 if not math.isfinite(measured.low) else measured.low
    return f"[{shown(low, unit)} … {shown(measured.high, unit)}]"


def silenced(rule: RuleJudged) -> str:
    """`muted; 12 of 40 checks found it, 30 of 90 before`; empty for a rule that is run."""
    if not rule.muted:
        return ""
    return f"muted; {rule.found:,} of {rule.checks:,} checks found it, {rule.found_before:,} of {rule.checks_before:,} before"


def lacking(measured: Measured) -> str:
    """`not enough data: 7 of 20`; empty where there is enough."""
    return "" if measured.enough else f"not enough data: {measured.n:,} of {measured.needed:,}"


def metric_line(one: Compared) -> str:
    """All of a metric in one line."""
    unit = one.metric.unit
    line = f"{one.metric.says}: {shown(one.now.value, unit)}"
    if span := interval(one.now, unit):
        line += f", 95 % interval {span}"
    if one.before is not None and one.before.value is not None:
        line += f"; in the window before {shown(one.before.value, unit)}"
    if one.trend != "unknown":
        line += f"; {TRENDS[one.trend]}"
    return line


def rate(insight: Insight) -> str:
    """`212 of 980 (19 … 24 %)`."""
    of = f"{insight.cases:,} of {insight.of:,}" if insight.of else f"{insight.cases:,}"
    if insight.rate is None:
        return of
    return f"{of} ({_points(insight.rate.low)} … {_points(insight.rate.high)} %)"


def _points(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.1 or share == 0 else f"{100 * share:.1f}"


def insight_line(insight: Insight) -> str:
    cost = duration(insight.cost_seconds) if insight.cost_seconds else "no time that is measured"
    act = f"lever {insight.lever}: {insight.why}" if insight.lever else insight.why
    return f"{insight.says}; {rate(insight)}; cost {cost}; {act}"
