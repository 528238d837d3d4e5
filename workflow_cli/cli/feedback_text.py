"""What `workflow feedback` prints on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from textwrap import wrap

from workflow_cli.app.feedback.make_report import Group, Report
from workflow_cli.app.feedback.words import (
    AREAS,
    LABELS,
    TRENDS,
    duration,
    interval,
    lacking,
    rate,
    shown,
    silenced,
)
from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.domain.feedback.compare import Compared
from workflow_cli.domain.feedback.metrics import BY_NAME
from workflow_cli.domain.feedback.window import Window

_BARS = "▁▂▃▄▅▆▇█"
#: From so many characters on nothing is left out or wrapped; below the second, a metric takes several lines.
WIDE, _MEDIUM, NARROW = 112, 72, 36
OF_A_FILE = 200
_DRAWN_FROM, _WIDE_DRAWN_FROM = 70, 95
#: Where a larger part of the lines is set aside, that is said first.
_MUCH_ASIDE = 0.02
_MOST_BARS = 28
_MOST_GROUPS = 20
_MOST_INSIGHTS = 6
_MOST_PATTERNS = 8
_MOST_RULES = 12
_COLOURS = {"worse": "31", "better": "32", "strong": "1", "dim": "2"}


def as_text(report: Report, *, name: str, colour: bool, width: int = OF_A_FILE) -> str:
    """In lines of at most `width` characters, unless a word is longer; the less room, the less is said of a metric."""

    def paint(text: str, how: str) -> str:
        return f"\x1b[{_COLOURS[how]}m{text}\x1b[0m" if colour and how in _COLOURS else text

    page = _Page(max(width, NARROW), paint)
    lines = [*page.wrapped(f"{one_line(name)}: {span_of(report.window)}, against as long before", how="strong")]
    if not report.kinds:
        return "\n".join([*lines, "", *page.wrapped(nothing(report)), *_aside(report, page)]) + "\n"
    lines += _headline(report, page)
    for area, parts in AREAS.items():
        told = [one for one in report.metrics if one.metric.area in parts and one.now.n]
        if told:
            lines += ["", paint(area, "strong")]
            for one in told:
                lines += _metric(one, report, page)
    lines += _groups(report, page)
    lines += _rules(report, page)
    lines += _insights(report, page)
    lines += _patterns(report, page)
    lines += _aside(report, page)
    if report.narrative:
        lines += ["", paint("In the words of a model", "strong")]
        for sentence in report.narrative:
            lines += page.wrapped(one_line(sentence), first="  ")
        if report.dropped:
            said = f"({report.dropped} sentences were dropped: their numbers are not those above)"
            lines += page.wrapped(said, first="  ")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """How wide it is, and how it is painted."""

    width: int
    paint: Callable[[str, str], str]

    def wrapped(self, text: str, *, first: str = "", rest: str | None = None, how: str = "") -> Iterator[str]:
        """Lines that begin with `first`, and all but the first with `rest`."""
        if self.width >= WIDE and (self.width == OF_A_FILE or len(first) + len(text) <= self.width):
            yield self.paint(f"{first}{text}", how)
            return
        begin = first if rest is None else rest
        for line in wrap(text, self.width, initial_indent=first, subsequent_indent=begin, break_on_hyphens=False):
            yield self.paint(line, how)


def span_of(window: Window) -> str:
    begins, ends = datetime.fromtimestamp(window.begins, UTC), datetime.fromtimestamp(window.ends - 1, UTC)
    if window.step == 3600:
        hours = (window.ends - window.begins) // 3600
        under_way = "1 hour, under way" if hours == 1 else f"{hours} hours, the last one under way"
        return f"{begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC ({under_way})"
    days = (window.ends - window.begins) // 86400
    return f"{begins:%Y-%m-%d} to {ends:%Y-%m-%d} ({days} day{'s' if days != 1 else ''})"


def nothing(report: Report) -> str:
    if not report.newest and report.aside:
        return "no line of the log can be used"
    if not report.newest:
        return "no events yet: commands that check, write, ask or decide leave them"
    newest = datetime.fromtimestamp(report.newest, UTC)
    return f"no event in that time; the newest is of {newest:%Y-%m-%d %H:%M} UTC: look further back with --since"


def spark(values: Sequence[float | None]) -> str:
    """A bar for each value, from nothing to the largest; a dot where there is none. Many are put together, evenly."""
    if len(values) > _MOST_BARS:
        cuts = [len(values) * number // _MOST_BARS for number in range(_MOST_BARS + 1)]
        values = [_mean(values[begin:end]) for begin, end in pairwise(cuts)]
    largest = max((value for value in values if value is not None), default=0.0)
    return "".join(
        "·" if v is None else _BARS[min(7, int(8 * v / largest))] if largest > 0 else _BARS[0] for v in values
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def bar(value: float, largest: float, width: int) -> str:
    eighths = round(8 * width * value / largest) if largest > 0 else 0
    return "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")


def _headline(report: Report, page: _Page) -> Iterator[str]:
    """What a person wants to know first: what got worse, and whether the log can be believed."""
    for how, changed in (("worse", report.regressions), ("better", report.improvements)):
        if changed:
            yield from page.wrapped(f"{how}: {'; '.join(map(_change, changed))}", rest="  ", how=how)
    if said := much_aside(report):
        yield from page.wrapped(said, rest="  ", how="strong")


def _aside(report: Report, page: _Page) -> Iterator[str]:
    if report.aside:
        yield ""
        yield from page.wrapped(f"set aside: {reasons_aside(report)}")


def reasons_aside(report: Report) -> str:
    return ", ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in report.aside.items())


def much_aside(report: Report) -> str:
    """Where so much was set aside that the rest may not be what happened; else empty."""
    aside = sum(report.aside.values())
    lines = aside + int(report.value("event.count").now.value or 0)
    if aside <= _MUCH_ASIDE * lines:
        return ""
    return f"{aside:,} of {lines:,} lines ({100 * aside / lines:.0f} %) were set aside; this is about the others"


def _change(one: Compared) -> str:
    unit = one.metric.unit
    before = one.before.value if one.before is not None else None
    area = next(area for area, parts in AREAS.items() if one.metric.area in parts).lower()
    label = LABELS[one.metric.name]
    return f"{area}, {label[:1].lower()}{label[1:]} ({shown(before, unit)} → {shown(one.now.value, unit)})"


def _metric(one: Compared, report: Report, page: _Page) -> Iterator[str]:
    drawn = spark(report.series[one.metric.name]) if one.now.enough and one.metric.name in report.series else ""
    yield from _valued(LABELS[one.metric.name], one, page, after=drawn)


def _valued(label: str, one: Compared, page: _Page, *, after: str = "") -> Iterator[str]:
    """A value with what it is compared with; `after` comes behind that, or on a line of its own."""
    unit = one.metric.unit
    value = shown(one.now.value, unit)
    before = f"was {shown(one.before.value, unit)}" if one.before is not None and one.before.value is not None else ""
    if page.width < _MEDIUM:
        yield f"  {_cut(label, page.width - 14):<{page.width - 13}}{value:>11}"
        said = " ".join(part for part in (before, page.paint(TRENDS[one.trend], one.trend)) if part)
        if said := said if one.now.enough else lacking(one.now):
            yield f"    {said}"
        if after:
            yield f"    {after}"
        return
    line = f"  {_cut(label, 28):<29}{value:>10}  "
    wide = page.width >= WIDE
    if one.now.enough:
        sure = f"{interval(one.now, unit):<25}" if wide else ""
        line = f"{line}{sure}{before:<16}{page.paint(f'{TRENDS[one.trend]:<9}', one.trend)}"
    elif after:
        line = f"{line}{lacking(one.now):<{50 if wide else 25}}"
    else:
        line = f"{line}{lacking(one.now)}"
    if after and (_WIDE_DRAWN_FROM if wide else _DRAWN_FROM) + len(after) <= page.width:
        yield f"{line}  {after}"
        return
    yield line.rstrip()
    if after:
        yield f"{'':<43}{after}" if 43 + len(after) <= page.width else f"    {after}"


def _cut(text: str, width: int) -> str:
    """Between words, so that no number becomes another one; within a word that is too long by itself."""
    if len(text) <= width:
        return text
    head = text[: width - 1]
    if text[width - 1] != " " and " " in head:
        head = head.rpartition(" ")[0]
    return f"{head.rstrip()}…"


def _groups(report: Report, page: _Page) -> Iterator[str]:
    if not report.groups:
        return
    yield ""
    yield page.paint(f"By {report.by}", "strong")
    names = [name for name, _ in report.groups[0].metrics]
    heads = [LABELS.get(name, name) for name in names]
    widths = [max(12, len(head) + 2) for head in heads]
    largest = max(group.metrics[0][1].n for group in report.groups)
    if 44 + sum(widths) > page.width or any(group.rules for group in report.groups):
        yield from _groups_in_words(report, heads, page)
        return
    yield "  " + f"{'':<28}" + "".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True))
    for group in report.groups:
        cells = "".join(f"{said:>{width}}" for said, width in zip(_values(group), widths, strict=True))
        drawn = bar(group.metrics[0][1].n, largest, 12)
        yield f"  {_cut(one_line(group.name or 'not said'), 27):<28}{cells}  {drawn}".rstrip()
    yield "  in brackets: not enough data"


def _groups_in_words(report: Report, heads: Sequence[str], page: _Page) -> Iterator[str]:
    """Where there is no room for columns."""
    for group in report.groups[:_MOST_GROUPS]:
        yield f"  {one_line(group.name or 'not said')}"
        told = [
            f"{head} {said}" for head, said, (_, m) in zip(heads, _values(group), group.metrics, strict=True) if m.n
        ]
        told += [f"{one_line(rule)} {count:,}" for rule, count in group.rules]
        yield from page.wrapped("; ".join(told), first="    ")
    if len(report.groups) > _MOST_GROUPS:
        yield f"  and {len(report.groups) - _MOST_GROUPS} more: --format json"
    yield "  in brackets: not enough data"


def _values(group: Group) -> list[str]:
    said = []
    for name, measured in group.metrics:
        value = shown(measured.value, BY_NAME[name].unit if name in BY_NAME else "count")
        said.append(value if measured.enough or not measured.n else f"({value})")
    return said


def _rules(report: Report, page: _Page) -> Iterator[str]:
    if not report.rules:
        return
    yield ""
    yield page.paint("Findings that people accepted, by rule", "strong")
    for one in report.rules[:_MOST_RULES]:
        said = f"{one.yes:,} accepted, {one.no:,} rejected"
        yield from _valued(one_line(one.rule), one.accepted, page, after=said)
        if one.muted:
            yield from page.wrapped(silenced(one), first="    ")
    if len(report.rules) > _MOST_RULES:
        yield f"  and {len(report.rules) - _MOST_RULES} more: --format json"


def _insights(report: Report, page: _Page) -> Iterator[str]:
    found = [one for one in report.insights if one.found]
    lacks = [one for one in report.insights if not one.found]
    deep = " " * (16 if page.width >= _MEDIUM else 4)
    if found:
        yield ""
        yield page.paint("Worth changing, the dearest first", "strong")
    for number, one in enumerate(found[:_MOST_INSIGHTS], 1):
        cost = duration(one.cost_seconds) if one.cost_seconds else "–"
        cost = f"{cost:>9}" if page.width >= _MEDIUM else cost
        yield from page.wrapped(f"{one_line(one.says)}: {rate(one)}", first=f"  {number}. {cost}  ", rest=deep)
        act = f"lever {one.lever}: {one.why}" if one.lever else one.why
        yield from page.wrapped(act, first=deep)
        events = f"; events {', '.join(one.evidence)}" if one.evidence else ""
        yield from page.wrapped(f"insight {one_line(one.id)}{events}", first=deep, how="dim")
    if len(found) > _MOST_INSIGHTS:
        yield f"  and {len(found) - _MOST_INSIGHTS} more: --format json"
    if lacks:
        yield ""
        yield page.paint("Not enough data yet", "strong")
        for one in lacks[:_MOST_INSIGHTS]:
            yield from page.wrapped(f"{one_line(one.says)}: {one.of:,} of {one.needed:,}", first="  ", rest="    ")
        if len(lacks) > _MOST_INSIGHTS:
            yield f"  and {len(lacks) - _MOST_INSIGHTS} more"


def _patterns(report: Report, page: _Page) -> Iterator[str]:
    if not report.patterns:
        return
    yield ""
    yield page.paint("Errors by form", "strong")
    largest = max(one.count for one in report.patterns)
    for one in report.patterns[:_MOST_PATTERNS]:
        where = f"{one.kind} {one.who}".strip()
        drawn = f"{bar(one.count, largest, 10):<11}" if page.width >= _MEDIUM else ""
        said = f"{one_line(where)}: {one_line(one.pattern)} (before: {one.before:,})"
        yield from page.wrapped(said, first=f"  {one.count:>7,}  {drawn}", rest=" " * (11 + len(drawn)))
    if len(report.patterns) > _MOST_PATTERNS:
        yield f"  and {len(report.patterns) - _MOST_PATTERNS} more: --format json"
