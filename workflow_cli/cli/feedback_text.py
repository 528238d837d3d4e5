"""What `workflow feedback` prints on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from workflow_cli.app.feedback.make_report import Report
from workflow_cli.app.feedback.words import (
    AREAS,
    LABELS,
    TRENDS,
    duration,
    interval,
    lacking,
    rate,
    shown,
)
from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.domain.feedback.compare import Compared
from workflow_cli.domain.feedback.metrics import BY_NAME
from workflow_cli.domain.feedback.window import Window

_BARS = "▁▂▃▄▅▆▇█"
_MOST_INSIGHTS = 6
_MOST_PATTERNS = 8
_COLOURS = {"worse": "31", "better": "32", "strong": "1", "dim": "2"}


def as_text(report: Report, *, name: str, colour: bool) -> str:
    def paint(text: str, how: str) -> str:
        return f"\x1b[{_COLOURS[how]}m{text}\x1b[0m" if colour and how in _COLOURS else text

    lines = [paint(f"{one_line(name)}: {span_of(report.window)}, against as long before", "strong")]
    if not report.kinds:
        lines += ["", nothing(report)]
        return "\n".join(lines) + "\n"
    for area, parts in AREAS.items():
        told = [one for one in report.metrics if one.metric.area in parts and one.now.n]
        if told:
            lines += ["", paint(area, "strong")]
            lines += [_line(one, report, paint) for one in told]
    lines += _groups(report, paint)
    lines += _insights(report, paint)
    lines += _patterns(report, paint)
    if report.aside:
        reasons = ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in report.aside.items())
        lines += ["", f"set aside: {reasons}"]
    if report.narrative:
        lines += ["", paint("In the words of a model", "strong"), *(f"  {one_line(s)}" for s in report.narrative)]
        if report.dropped:
            lines.append(f"  ({report.dropped} sentences were dropped: their numbers are not those above)")
    return "\n".join(lines) + "\n"


def span_of(window: Window) -> str:
    begins, ends = datetime.fromtimestamp(window.begins, UTC), datetime.fromtimestamp(window.ends - 1, UTC)
    if window.step == 3600:
        return f"{(window.ends - window.begins) // 3600} hours until {ends:%Y-%m-%d %H}:59 UTC"
    days = (window.ends - window.begins) // 86400
    return f"{begins:%Y-%m-%d} to {ends:%Y-%m-%d} ({days} day{'s' if days != 1 else ''})"


def nothing(report: Report) -> str:
    if not report.newest:
        return "no events yet: commands that check, write, ask or decide leave them"
    newest = datetime.fromtimestamp(report.newest, UTC)
    return f"no event in that time; the newest is of {newest:%Y-%m-%d %H:%M} UTC: look further back with --since"


def spark(values: Sequence[float | None]) -> str:
    """A bar for each value, from nothing to the largest; a dot where there is none."""
    largest = max((value for value in values if value is not None), default=0.0)
    return "".join(
        "·" if v is None else _BARS[min(7, int(8 * v / largest))] if largest > 0 else _BARS[0] for v in values
    )


def bar(value: float, largest: float, width: int) -> str:
    eighths = round(8 * width * value / largest) if largest > 0 else 0
    return "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")


def _line(one: Compared, report: Report, paint: object) -> str:
    assert callable(paint)
    unit = one.metric.unit
    value = shown(one.now.value, unit)
    line = f"  {LABELS[one.metric.name]:<29}{value:>10}  "
    if not one.now.enough:
        return f"{line}{lacking(one.now)}"
    before = f"was {shown(one.before.value, unit)}" if one.before is not None and one.before.value is not None else ""
    trend = paint(f"{TRENDS[one.trend]:<9}", one.trend)
    drawn = spark(report.series[one.metric.name]) if one.metric.name in report.series else ""
    return f"{line}{interval(one.now, unit):<25}{before:<16}{trend}  {drawn}".rstrip()


def _groups(report: Report, paint: object) -> Iterator[str]:
    assert callable(paint)
    if not report.groups:
        return
    yield ""
    yield paint(f"By {report.by}", "strong")
    names = [name for name, _ in report.groups[0].metrics]
    heads = [LABELS.get(name, name) for name in names]
    widths = [max(12, len(head) + 2) for head in heads]
    yield "  " + f"{'':<28}" + "".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True))
    largest = max(group.metrics[0][1].n for group in report.groups)
    for group in report.groups:
        cells = []
        for (name, measured), width in zip(group.metrics, widths, strict=True):
            unit = BY_NAME[name].unit if name in BY_NAME else "count"
            said = (
                shown(measured.value, unit) if measured.enough or not measured.n else f"({shown(measured.value, unit)})"
            )
            cells.append(f"{said:>{width}}")
        drawn = bar(group.metrics[0][1].n, largest, 12)
        yield f"  {one_line(group.name or 'not said')[:27]:<28}{''.join(cells)}  {drawn}".rstrip()
    yield "  in brackets: not enough data"


def _insights(report: Report, paint: object) -> Iterator[str]:
    assert callable(paint)
    found = [one for one in report.insights if one.found]
    lacks = [one for one in report.insights if not one.found]
    if found:
        yield ""
        yield paint("Worth changing, the dearest first", "strong")
    for number, one in enumerate(found[:_MOST_INSIGHTS], 1):
        cost = duration(one.cost_seconds) if one.cost_seconds else "–"
        yield f"  {number}. {cost:>9}  {one_line(one.says)}: {rate(one)}"
        act = f"lever {one.lever}: {one.why}" if one.lever else one.why
        yield f"                {act}"
        if one.evidence:
            yield paint(f"                events {', '.join(one.evidence)}", "dim")
    if len(found) > _MOST_INSIGHTS:
        yield f"  and {len(found) - _MOST_INSIGHTS} more: --format json"
    if lacks:
        yield ""
        yield paint("Not enough data yet", "strong")
        for one in lacks[:_MOST_INSIGHTS]:
            yield f"  {one_line(one.says)}: {one.of:,} of {one.needed:,}"
        if len(lacks) > _MOST_INSIGHTS:
            yield f"  and {len(lacks) - _MOST_INSIGHTS} more"


def _patterns(report: Report, paint: object) -> Iterator[str]:
    assert callable(paint)
    if not report.patterns:
        return
    yield ""
    yield paint("Errors by form", "strong")
    largest = max(one.count for one in report.patterns)
    for one in report.patterns[:_MOST_PATTERNS]:
        where = f"{one.kind} {one.who}".strip()
        yield f"  {one.count:>7,}  {bar(one.count, largest, 10):<11}{one_line(where)}: {one_line(one.pattern)} (before: {one.before:,})"
    if len(report.patterns) > _MOST_PATTERNS:
        yield f"  and {len(report.patterns) - _MOST_PATTERNS} more: --format json"
