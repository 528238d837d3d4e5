"""The report of `workflow feedback` as one file that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from workflow_cli.app.feedback.make_report import Group, Report
from workflow_cli.app.feedback.words import AREAS, LABELS, TRENDS, duration, interval, lacking, rate, shown, silenced
from workflow_cli.cli import feedback_charts as charts
from workflow_cli.cli.feedback_style import STYLE
from workflow_cli.cli.feedback_text import much_aside, nothing, reasons_aside, span_of
from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.domain.feedback.compare import Compared
from workflow_cli.domain.feedback.insights import Insight
from workflow_cli.domain.feedback.measured import Unit
from workflow_cli.domain.feedback.metrics import BY_NAME

_CARDS = (
    ("answer.p95_ms", "Answer time, 95 of 100"),
    ("answer.answered_share", "Questions answered"),
    ("update.success_share", "Documents written"),
    ("analysis.quality_share", "Accepted of what models made"),
    ("workflow.completed_share", "Workflows completed"),
    ("error.share", "Events that failed"),
)
_MOST_INSIGHTS = 12
#: So many are shown at once; the others unfold.
_FIRST_INSIGHTS = 3
_FIRST_GROUPS = 10
#: Tables of more columns have no bars.
_MOST_WITH_BARS = 8


def as_html(report: Report, *, name: str) -> str:
    title = f"Feedback: {escape(one_line(name))}"
    body = "\n".join(_body(report, title))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(one_line(text))


def _body(report: Report, title: str) -> Iterator[str]:
    yield f"<header><h1>{title}</h1>"
    yield f'<p class="soft">{escape(span_of(report.window))}, against as long before</p></header>'
    if not report.kinds:
        yield from _empty(report)
        return
    yield from _headline(report)
    yield from _doubt(report)
    if report.narrative:
        yield f'<p class="lead soft">{" ".join(map(_text, report.narrative))}</p>'
        yield "<p><small>In the words of a model; its numbers were held against those below.</small></p>"
    yield from _changes(report)
    yield '<section class="cards" aria-label="Most important figures">'
    yield from (_card(report.value(metric), label, report) for metric, label in _CARDS)
    yield "</section>"
    yield from _costs(report)
    yield from _time(report)
    yield from _groups(report)
    yield from _rules(report)
    yield from _errors(report)
    yield from _all(report)
    yield "<footer>"
    yield f"<p>Lines set aside: {escape(reasons_aside(report) or 'none')}.</p>"
    yield (
        "<p>Intervals hold the true value in 95 of 100 cases. <em>Better</em> and <em>worse</em> are said only where chance "
        "would show as much in fewer than 2 of 1,000. Times are right to one per cent. Days are those of UTC.</p>"
    )
    yield "</footer>"


def _empty(report: Report) -> Iterator[str]:
    said = nothing(report)
    yield f'<section class="headline"><p class="big">{escape(said[:1].upper() + said[1:])}.</p>'
    if not report.newest:
        yield "<p>One of these leaves the first:</p><ul>"
        for command, what in (
            ("workflow process --all", "checks every spec and change"),
            ('workflow ask "…"', "answers a question from the documents"),
            ("workflow update …", "edits a document"),
        ):
            yield f"<li><code>{escape(command)}</code> {escape(what)}</li>"
        yield "</ul>"
    yield "</section>"
    if report.aside:
        yield f'<p class="doubt"><strong>Lines were set aside:</strong> {escape(reasons_aside(report))}.</p>'


def _headline(report: Report) -> Iterator[str]:
    worse, better = len(report.regressions), len(report.improvements)
    asked, events = (int(report.value(name).now.value or 0) for name in ("answer.count", "event.count"))
    if worse:
        how, said = "worse", f"{_things(worse)} got worse" + (f", {_things(better)} better" if better else "")
    elif better:
        how, said = "better", f"{_things(better)} got better, and nothing worse"
    elif any(one.is_comparable for one in report.metrics):
        how, said = "same", "Nothing changed that can be told from chance"
    else:
        how, said = "same", "There is nothing to compare with yet"
    counted = (
        f"{asked:,} question{'s' if asked != 1 else ''} asked; {events:,} event{'s' if events != 1 else ''} counted."
    )
    yield f'<section class="headline {how}"><p class="big">{said}.</p><p>{counted}</p></section>'


def _things(count: int) -> str:
    return "1 metric" if count == 1 else f"{count} metrics"


def _doubt(report: Report) -> Iterator[str]:
    if said := much_aside(report):
        yield f'<p class="doubt"><strong>{escape(said)}</strong>: {escape(reasons_aside(report))}. Look who else writes to the log.</p>'


def _changes(report: Report) -> Iterator[str]:
    told = ((report.regressions, "What got worse"), (report.improvements, "What got better"))
    for changed, title in told:
        if changed:
            yield f"<h2>{title}</h2>"
            yield '<ul class="changes">'
            yield from (_change(one, report) for one in changed)
            yield "</ul>"


def _change(one: Compared, report: Report) -> str:
    unit = one.metric.unit
    before = one.before.value if one.before is not None else None
    area = next(area for area, parts in AREAS.items() if one.metric.area in parts)
    values = report.series.get(one.metric.name)
    drawn = charts.sparkline(values, label=f"{LABELS[one.metric.name]} over time") if values else "<span></span>"
    return (
        f"<li><span><strong>{escape(LABELS[one.metric.name])}</strong><br><small>{escape(area)}</small></span>{drawn}"
        f'<span class="fromto">{shown(before, unit)} <span aria-label="to">→</span> <strong>{shown(one.now.value, unit)}</strong></span>'
        f"<span>{_pill(one)}</span></li>"
    )


def _pill(one: Compared) -> str:
    if one.trend == "unknown":
        return ""
    mark = {"better": "✓ ", "worse": "! ", "same": ""}[one.trend]
    return f'<span class="pill {one.trend}">{mark}{TRENDS[one.trend]}</span>'


def _card(one: Compared, label: str, report: Report) -> str:
    unit = one.metric.unit
    head = f'<div class="card"><h2>{escape(label)}</h2>'
    if not one.now.enough:
        return f'{head}<div class="value thin">{escape(lacking(one.now))}</div></div>'
    values = report.series.get(one.metric.name)
    drawn = charts.sparkline(values, label=f"{label} over time") if values else ""
    before = one.before.value if one.before is not None else None
    was = f" was {shown(before, unit)}" if before is not None else ""
    return (
        f'{head}<div class="row"><div class="value">{shown(one.now.value, unit)}</div>{drawn}</div>'
        f"<small>{escape(interval(one.now, unit))}</small><div>{_pill(one)}<small>{was}</small></div></div>"
    )


def _step_names(report: Report) -> list[str]:
    form = "%H:00" if report.window.step == 3600 else "%d %b"
    names = [datetime.fromtimestamp(start, UTC).strftime(form) for start in report.window.starts]
    return [*names[:-1], "so far"]


def _time(report: Report) -> Iterator[str]:
    names, series = _step_names(report), report.series
    yield "<h2>Over time</h2>"
    yield '<section class="panels">'
    asked = charts.bars(series["answer.count"], names, label="Questions asked", shown=_short("count"))
    yield _figure("Questions asked", "", asked, names, [("asked", series["answer.count"], "count")])
    pair = [("95 of 100", series["answer.p95_ms"]), ("half", series["answer.p50_ms"])]
    times = charts.lines(pair, names, label="Time of an answer", shown=_short("ms"))
    key = (
        '<span class="key"><i style="background:var(--blue)"></i>95 of 100</span>'
        '<span class="key"><i style="background:var(--violet)"></i>half</span>'
    )
    yield _figure("Time of an answer", key, times, names, [(name, values, "ms") for name, values in pair])
    for name, label in (("answer.answered_share", "Questions answered"), ("error.share", "Events that failed")):
        drawn = charts.lines([(label, series[name])], names, label=label, shown=_short("share"))
        yield _figure(label, "", drawn, names, [(label, series[name], "share")])
    yield "</section>"


def _short(unit: Unit) -> charts.Shown:
    def short(value: float) -> str:
        if unit == "share":
            return f"{100 * value:.3g} %"
        if unit == "ms" and value >= 1000:
            return f"{value / 1000:.3g} s"
        return f"{value:,.0f}" if unit == "count" else f"{value:,.3g} ms"

    return short


def _figure(title: str, key: str, drawn: str, names: list[str], columns: list[tuple[str, charts.Values, Unit]]) -> str:
    head = "".join(f'<th class="n" scope="col">{escape(name)}</th>' for name, _, _ in columns)
    rows = "".join(
        f"<tr><td>{escape(name)}</td>"
        + "".join(f'<td class="n">{shown(values[number], unit)}</td>' for _, values, unit in columns)
        + "</tr>"
        for number, name in enumerate(names)
    )
    table = f'<div class="scroll"><table><thead><tr><th scope="col">when</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return (
        f'<figure class="panel"><figcaption><h3>{escape(title)}{key}</h3></figcaption>{drawn}'
        f"<details><summary>As a table</summary>{table}</details></figure>"
    )


def _costs(report: Report) -> Iterator[str]:
    every = [one for one in report.insights if one.found]
    found, lacks = every[:_MOST_INSIGHTS], [one for one in report.insights if not one.found]
    if not report.insights:
        return
    yield "<h2>What to do next</h2>"
    yield '<p class="soft">The dearest first. The cost is time that somebody or something waited for what was of no use.</p>'
    if found:
        yield '<ol class="costs">'
        yield from map(_cost, found[:_FIRST_INSIGHTS])
        yield "</ol>"
    else:
        yield '<p class="soft">There is too little data yet to say what is worth changing.</p>'
    if others := found[_FIRST_INSIGHTS:]:
        yield f'<details><summary>{len(others)} more that cost less</summary><ol class="costs" start="{_FIRST_INSIGHTS + 1}">'
        yield from map(_cost, others)
        yield "</ol>"
        if len(every) > len(found):
            yield f'<p class="soft"><code>workflow feedback --format json</code> lists all {len(every)}.</p>'
        yield "</details>"
    if lacks:
        yield f"<details><summary>Not enough data yet for {len(lacks)} more</summary><ul>"
        yield "".join(f"<li>{_text(one.says)}: {one.of:,} of {one.needed:,}</li>" for one in lacks)
        yield "</ul></details>"


def _cost(one: Insight) -> str:
    cost = duration(one.cost_seconds) if one.cost_seconds else "–"
    act = f"{one.why[:1].upper()}{one.why[1:]}."
    if one.lever:
        act += f" <br><code>workflow loop --dry-run --lever {escape(one.lever)}</code> tells what would be tried."
    evidence = ", ".join(f"<code>{_text(id)}</code>" for id in one.evidence)
    return (
        f'<li><div class="cost">{escape(cost)}<small class="soft">{escape(rate(one))}</small></div><div>'
        f"<strong>{_text(one.says[:1].upper() + one.says[1:])}</strong><br>{act}"
        + (f"<details><summary>Evidence</summary>{evidence}</details>" if evidence else "")
        + "</div></li>"
    )


def _groups(report: Report) -> Iterator[str]:
    if not report.groups:
        return
    yield f"<h2>By {escape(report.by or '')}</h2>"
    yield from _group_table(report, report.groups[:_FIRST_GROUPS])
    if others := report.groups[_FIRST_GROUPS:]:
        yield f"<details><summary>{len(others)} more</summary>"
        yield from _group_table(report, others)
        yield "</details>"


def _group_table(report: Report, groups: Sequence[Group]) -> Iterator[str]:
    """With a bar for the first count, where there is room for it."""
    names = [metric for metric, _ in groups[0].metrics]
    many = len(names) > _MOST_WITH_BARS
    largest = max(group.metrics[0][1].n for group in report.groups)
    by = escape(report.by or "")
    head = "".join(f'<th class="n" scope="col">{escape(LABELS.get(name, name.capitalize()))}</th>' for name in names)
    yield f'<div class="panel scroll" tabindex="0" role="region" aria-label="By {by}"><table class="stack{" many" if many else ""}">'
    yield f'<thead><tr><th scope="col">{by}</th>{"" if many else "<td></td>"}{head}</tr></thead><tbody>'
    for group in groups:
        cells = "" if many else f'<td class="wide">{charts.meter(group.metrics[0][1].n, largest)}</td>'
        for name, measured in group.metrics:
            unit: Unit = BY_NAME[name].unit if name in BY_NAME else "count"
            soft = "" if measured.enough or not measured.n else " soft"
            label = escape(LABELS.get(name, name.capitalize()))
            sure = escape(lacking(measured) or interval(measured, unit))
            cells += f'<td class="n{soft}" data-label="{label}" title="{sure}">{shown(measured.value, unit)}</td>'
        rules = ", ".join(f"{_text(rule)} {count:,}" for rule, count in group.rules)
        title = _text(group.name or "not said") + (f"<br><small>{rules}</small>" if rules else "")
        yield f'<tr><th scope="row">{title}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def _rules(report: Report) -> Iterator[str]:
    if not report.rules:
        return
    yield "<h2>Findings that people accepted, by rule</h2>"
    yield '<div class="panel scroll" tabindex="0" role="region" aria-label="Findings by rule"><table class="stack"><thead><tr><th scope="col">rule</th>'
    yield '<th class="n" scope="col">accepted</th><th class="n" scope="col">rejected</th><th class="n" scope="col">share accepted</th><td></td>'
    yield '<th scope="col">95 % interval</th><th class="n" scope="col">before</th><td></td></tr></thead><tbody>'
    for rule in report.rules:
        of = rule.accepted
        before = of.before.value if of.before is not None else None
        drawn = ""
        if of.now.enough and of.now.value is not None:
            drawn = charts.span(of.now.low, of.now.value, of.now.high, before, 1.0)
        sure = interval(of.now, "share") if of.now.enough else lacking(of.now)
        muted = f"<br><small>{escape(silenced(rule))}</small>" if rule.muted else ""
        yield (
            f'<tr><th scope="row"><code>{_text(rule.rule)}</code>{muted}</th><td class="n" data-label="accepted">{rule.yes:,}</td>'
            f'<td class="n" data-label="rejected">{rule.no:,}</td>'
            f'<td class="n" data-label="share accepted">{shown(of.now.value, "share")}</td><td class="wide">{drawn}</td>'
            f'<td class="sure" data-label="interval"><small>{escape(sure)}</small></td>'
            f'<td class="n" data-label="before">{shown(before, "share")}</td><td class="wide">{_pill(of)}</td></tr>'
        )
    yield "</tbody></table></div>"


def _errors(report: Report) -> Iterator[str]:
    if not report.patterns:
        return
    largest = max(one.count for one in report.patterns)
    yield "<h2>Errors by form</h2>"
    yield '<div class="panel scroll" tabindex="0" role="region" aria-label="Errors by form"><table class="stack"><thead><tr><th scope="col">form</th><th scope="col">of</th><td></td>'
    yield '<th class="n" scope="col">now</th><th class="n" scope="col">before</th></tr></thead><tbody>'
    for one in report.patterns[:15]:
        where = f"{one.kind} {one.who}".strip()
        yield (
            f'<tr><th scope="row"><code>{_text(one.pattern)}</code></th><td data-label="of">{_text(where)}</td>'
            f'<td class="wide">{charts.meter(one.count, largest)}</td>'
            f'<td class="n" data-label="now">{one.count:,}</td><td class="n" data-label="before">{one.before:,}</td></tr>'
        )
    yield "</tbody></table></div>"


def _all(report: Report) -> Iterator[str]:
    yield "<h2>All metrics</h2>"
    for area, parts in AREAS.items():
        told = [one for one in report.metrics if one.metric.area in parts and one.now.n]
        if not told:
            continue
        changed = sum(one.trend in ("better", "worse") for one in told)
        also = f', <span class="changed">{changed} changed</span>' if changed else ""
        yield f'<details class="panel area"><summary><h3>{escape(area)}</h3> {_things(len(told))}{also}</summary>'
        yield '<div class="scroll"><table class="stack"><thead><tr><th scope="col">metric</th>'
        yield '<th class="n" scope="col">now</th><td></td><th scope="col">95 % interval</th><th class="n" scope="col">before</th><td></td></tr></thead><tbody>'
        yield from map(_row, told)
        yield "</tbody></table></div></details>"


def _row(one: Compared) -> str:
    unit = one.metric.unit
    before = one.before.value if one.before is not None else None
    drawn = ""
    value = one.now.value
    if one.now.enough and unit != "count" and value is not None:
        known = [value, one.now.high if one.now.high < float("inf") else value, before or 0.0]
        drawn = charts.span(
            max(0.0, one.now.low), value, known[1], before, 1.0 if unit == "share" else 1.15 * max(known)
        )
    sure = interval(one.now, unit) if one.now.enough else lacking(one.now)
    return (
        f'<tr><th scope="row">{escape(LABELS[one.metric.name])}<br><small>{escape(one.metric.name)}: {escape(one.metric.says)}</small></th>'
        f'<td class="n" data-label="now">{shown(value, unit)}</td><td class="wide">{drawn}</td>'
        f'<td class="sure" data-label="interval"><small>{escape(sure)}</small></td>'
        f'<td class="n" data-label="before">{shown(before, unit)}</td><td class="wide">{_pill(one)}</td></tr>'
    )
