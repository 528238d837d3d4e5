"""The report of `workflow feedback` as Markdown, for a pull request or a wiki."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.app.feedback.make_report import Report
from workflow_cli.app.feedback.words import AREAS, LABELS, TRENDS, duration, interval, lacking, rate, shown, silenced
from workflow_cli.cli.feedback_text import much_aside, nothing, reasons_aside, span_of, spark
from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.domain.feedback.metrics import BY_NAME

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|!~&"})


def as_markdown(report: Report, *, name: str) -> str:
    return "\n".join(_lines(report, name)) + "\n"


def _safe(text: str) -> str:
    """A text of the log as text: one line, no markup."""
    return one_line(text).translate(_MARKS)


def _lines(report: Report, name: str) -> Iterator[str]:
    yield f"# Feedback: {_safe(name)}"
    yield ""
    yield f"{span_of(report.window)}, against as long before."
    if not report.kinds:
        yield ""
        yield nothing(report)
        if report.aside:
            yield ""
            yield f"Set aside: {reasons_aside(report)}"
        return
    if said := much_aside(report):
        yield ""
        yield f"**{said}.**"
    if report.narrative:
        yield ""
        yield "> " + " ".join(map(_safe, report.narrative))
    for area, parts in AREAS.items():
        told = [one for one in report.metrics if one.metric.area in parts and one.now.n]
        if not told:
            continue
        yield ""
        yield f"## {area}"
        yield ""
        yield "| | now | 95 % interval | before | | over time |"
        yield "|---|--:|---|--:|---|---|"
        for one in told:
            unit = one.metric.unit
            before = shown(one.before.value, unit) if one.before is not None else "–"
            sure = interval(one.now, unit) if one.now.enough else lacking(one.now)
            drawn = spark(report.series[one.metric.name]) if one.metric.name in report.series else ""
            trend = f"**{TRENDS[one.trend]}**" if one.trend in ("worse", "better") else TRENDS[one.trend]
            yield f"| {LABELS[one.metric.name]} | {shown(one.now.value, unit)} | {sure} | {before} | {trend} | {drawn} |"
    if report.groups:
        names = [metric for metric, _ in report.groups[0].metrics]
        yield ""
        yield f"## By {report.by}"
        yield ""
        rules = any(group.rules for group in report.groups)
        yield "| | " + " | ".join(LABELS.get(metric, metric) for metric in names) + (" | rules |" if rules else " |")
        yield "|---|" + "--:|" * len(names) + ("---|" if rules else "")
        for group in report.groups:
            cells = [
                shown(m.value, BY_NAME[metric].unit if metric in BY_NAME else "count") for metric, m in group.metrics
            ]
            if rules:
                cells.append(", ".join(f"{_safe(rule)} {count:,}" for rule, count in group.rules))
            yield f"| {_safe(group.name or 'not said')} | " + " | ".join(cells) + " |"
    if report.rules:
        yield ""
        yield "## Findings, by rule"
        yield ""
        yield "| | accepted | rejected | share accepted | 95 % interval | before | |"
        yield "|---|--:|--:|--:|---|--:|---|"
        for rule in report.rules:
            of = rule.accepted
            before = shown(of.before.value, "share") if of.before is not None else "–"
            sure = interval(of.now, "share") if of.now.enough else lacking(of.now)
            trend = f"**{TRENDS[of.trend]}**" if of.trend in ("worse", "better") else TRENDS[of.trend]
            name = _safe(rule.rule) + (f" ({silenced(rule)})" if rule.muted else "")
            yield (
                f"| {name} | {rule.yes:,} | {rule.no:,} | {shown(of.now.value, 'share')} | {sure} | {before} "
                f"| {trend} |"
            )
    if report.insights:
        yield ""
        yield "## Worth changing"
        yield ""
        for insight in report.insights:
            if not insight.found:
                yield f"- {_safe(insight.says)}: not enough data: {insight.of:,} of {insight.needed:,}"
                continue
            act = f"lever `{insight.lever}`: {insight.why}" if insight.lever else insight.why
            cost = duration(insight.cost_seconds) if insight.cost_seconds else "no measured time"
            yield f"- **{cost}** {_safe(insight.says)}: {rate(insight)}. {act[:1].upper()}{act[1:]}."
            if insight.evidence:
                yield f"  Events: {', '.join(f'`{_safe(id)}`' for id in insight.evidence)}"
    if report.patterns:
        yield ""
        yield "## Errors by form"
        yield ""
        yield "| count | before | of | form |"
        yield "|--:|--:|---|---|"
        for pattern in report.patterns[:20]:
            where = _safe(f"{pattern.kind} {pattern.who}".strip())
            yield f"| {pattern.count:,} | {pattern.before:,} | {where} | {_safe(pattern.pattern)} |"
    if report.aside:
        yield ""
        yield f"Set aside: {reasons_aside(report)}"
