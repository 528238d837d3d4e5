"""Charts as inline SVG that take their colours from the page, so that they are right in the dark and on paper too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

Values = Sequence[float | None]
Shown = Callable[[float], str]

_WIDTH, _HEIGHT = 480, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 10, 16, 28


def sparkline(values: Values, *, label: str) -> str:
    """A small line without axes, its last point marked."""
    width, height = 160, 36
    points = _points(values, width - 8, height - 8, _largest(values))
    moved = [[(x + 4, y + 4) for x, y in run] for run in points]
    lines = "".join(f'<polyline points="{_text(run)}"/>' for run in moved if len(run) > 1)
    last = moved[-1][-1] if moved else None
    dot = f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.5"/>' if last else ""
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{lines}{dot}</svg>'
    )


def bars(values: Values, names: Sequence[str], *, label: str, shown: Shown) -> str:
    """One bar a step."""
    top = _nice(_largest(values))
    inner, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = inner / max(1, len(values))
    wide = max(1.0, min(44.0, step * 0.72))
    drawn = []
    for number, value in enumerate(values):
        if value:
            high = tall * value / top
            x = _LEFT + step * (number + 0.5) - wide / 2
            drawn.append(
                f'<rect class="bar" x="{x:.1f}" y="{_TOP + tall - high:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="2">'
                f"<title>{escape(names[number])}: {escape(shown(value))}</title></rect>"
            )
    return _chart(label, _grid(top, shown) + _names(names) + "".join(drawn))


def lines(series: Sequence[tuple[str, Values]], names: Sequence[str], *, label: str, shown: Shown) -> str:
    """Lines over the same steps; gaps where there are no values. The first is filled below."""
    top = _nice(max((_largest(values) for _, values in series), default=0.0))
    inner, tall = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    drawn = []
    for place, (name, values) in enumerate(series):
        for run in _points(values, inner, tall, top, centred=True):
            moved = [(x + _LEFT, y + _TOP) for x, y in run]
            if place == 0 and len(moved) > 1:
                floor = _TOP + tall
                area = [(moved[0][0], floor), *moved, (moved[-1][0], floor)]
                drawn.append(f'<polygon class="area" points="{_text(area)}"/>')
            if len(moved) > 1:
                drawn.append(f'<polyline class="line s{place}" points="{_text(moved)}"/>')
        for number, value in enumerate(values):
            if value is not None:
                x = _LEFT + inner * (number + 0.5) / len(values)
                y = _TOP + tall * (1 - value / top)
                drawn.append(
                    f'<circle class="dot s{place}" cx="{x:.1f}" cy="{y:.1f}" r="3">'
                    f"<title>{escape(names[number])}, {escape(name)}: {escape(shown(value))}</title></circle>"
                )
    return _chart(label, _grid(top, shown) + _names(names) + "".join(drawn))


def meter(value: float, largest: float) -> str:
    """A bar in a cell of a table."""
    part = 100 * value / largest if largest > 0 else 0.0
    return (
        '<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="rail" width="100" height="8" rx="2"/><rect class="bar" width="{part:.1f}" height="8" rx="2"/></svg>'
    )


def span(low: float, value: float, high: float, before: float | None, top: float) -> str:
    """An interval with its value as a dot, and where it was before as a ring."""

    def x(of: float) -> float:
        return 4 + 192 * min(1.0, max(0.0, of / top if top > 0 else 0.0))

    ring = "" if before is None else f'<circle class="before" cx="{x(before):.1f}" cy="8" r="3.5"/>'
    return (
        '<svg class="span" viewBox="0 0 200 16" aria-hidden="true"><line class="rail" x1="4" x2="196" y1="8" y2="8"/>'
        f'<line class="range" x1="{x(low):.1f}" x2="{x(high):.1f}" y1="8" y2="8"/>{ring}'
        f'<circle class="now" cx="{x(value):.1f}" cy="8" r="4"/></svg>'
    )


def _chart(label: str, inside: str) -> str:
    return f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">{inside}</svg>'


def _largest(values: Values) -> float:
    return max((value for value in values if value is not None), default=0.0)


def _nice(top: float) -> float:
    """The next round number, so that the lines of the grid are round."""
    if top <= 0:
        return 1.0
    size = 1.0
    while size > top:
        size /= 10
    while size * 10 <= top:
        size *= 10
    return next(size * step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if size * step >= top * 0.999999)


def _grid(top: float, shown: Shown) -> str:
    tall = _HEIGHT - _TOP - _BOTTOM
    drawn = []
    for part in (0.0, 0.5, 1.0):
        y = _TOP + tall * (1 - part)
        drawn.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(shown(top * part))}</text>'
        )
    return "".join(drawn)


def _names(names: Sequence[str]) -> str:
    """As many as there is room for, the last one always."""
    inner = _WIDTH - _LEFT - _RIGHT
    every = max(1, -(-len(names) // 6))
    drawn = []
    for number, name in enumerate(names):
        if (len(names) - 1 - number) % every == 0:
            x = _LEFT + inner * (number + 0.5) / len(names)
            drawn.append(f'<text class="tick" x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(name)}</text>')
    return "".join(drawn)


def _points(
    values: Values, width: float, height: float, top: float, *, centred: bool = False
) -> list[list[tuple[float, float]]]:
    """Runs of points without gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        part = (number + 0.5) / len(values) if centred else number / max(1, len(values) - 1)
        runs[-1].append((width * part, height * (1 - value / top) if top > 0 else height))
    return [run for run in runs if run]


def _text(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
