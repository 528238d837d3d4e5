"""What a group of measurements hands over: a table, and the targets it meets or misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from measure import Runs


@dataclass(frozen=True, kw_only=True)
class Target:
    """`limit` is the most the figure may be; `unit` follows both numbers.

    Of a figure in seconds, `slower` is how many times as long as the reference the machine takes; see `pace`. It is told, and
    decides nothing.
    """

    what: str
    figure: float
    limit: float
    unit: str = ""
    slower: float = 1.0

    @property
    def met(self) -> bool:
        return self.figure <= self.limit

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        here = f"{self.figure:.3g}{self.unit}"
        if self.slower > 1:
            here += f" on a machine {self.slower:.2f} times as slow, {self.figure / self.slower:.3g}{self.unit} at full speed"
        return f"{verdict}: {self.what}: {here} (at most {self.limit:g}{self.unit})"


@dataclass(frozen=True, kw_only=True)
class Group:
    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


TIMED = ("command", "median", "least", "processor", "of the yardstick", "least of least")


def timed_rows(results: dict[str, Runs], yardstick: str) -> list[Sequence[str]]:
    """A row a command, in TIMED's columns; ratios are to the yardstick's median and minimum."""
    base = results[yardstick]
    return [
        (
            name,
            milliseconds(runs.median),
            milliseconds(runs.least),
            milliseconds(min(runs.cpu)),
            f"{runs.median / base.median:.3f}",
            f"{runs.least / base.least:.3f}",
        )
        for name, runs in results.items()
    ]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


def as_markdown(group: Group) -> str:
    widths = [max(len(str(row[i])) for row in (group.columns, *group.rows)) for i in range(len(group.columns))]

    def line(cells: Sequence[str]) -> str:
        # The first column is words, the others are numbers.
        padded = [
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [("-" * w) if i == 0 else ("-" * (w - 1) + ":") for i, w in enumerate(widths)]
    lines = [f"## {group.title}", "", line(group.columns), line(rule), *(line(row) for row in group.rows)]
    if group.targets:
        lines += ["", *(f"- {target}" for target in group.targets)]
    for note in group.notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"
