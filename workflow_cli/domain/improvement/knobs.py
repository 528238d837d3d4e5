"""Every setting the loop may turn, in one table: what it is called, within which bounds, how far at a time.

What is not in the table is class D: never turned. Names of settings are written here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflow_cli.domain.improvement.observation import family_of
from workflow_cli.domain.improvement.setting_values import Settings


class ApprovalClass(StrEnum):
    """A: automatic within bounds. B: automatic with notice. C: a person approves. D: never."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """From `least` to `most`; one step multiplies or divides by at most `factor`, or moves by at most `step`."""

    least: float
    most: float
    factor: float = 1.0
    step: float = 0.0

    def allows(self, old: Any, new: Any) -> bool:
        if not _is_number(new) or not self.least <= new <= self.most:
            return False
        if not _is_number(old):
            return True
        low, high = sorted((old, new))
        return bool(high - low <= self.step or (low > 0 and high / low <= self.factor))


@dataclass(frozen=True, kw_only=True, slots=True)
class OneOf:
    values: tuple[Any, ...]

    def allows(self, old: Any, new: Any) -> bool:
        return new in self.values


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A list of words that is put in another order, or to which one word at a time is added or taken away."""

    def allows(self, old: Any, new: Any) -> bool:
        if not isinstance(new, Sequence) or isinstance(new, str) or not new or len(set(new)) != len(new):
            return False
        return len(set(old or ()) ^ set(new)) <= 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Entries:
    """A mapping or list of which one step changes at most `step` entries, up to `most` in all; `values` are the bounds of
    an entry of a mapping."""

    step: int
    most: int
    values: Number | None = None

    def allows(self, old: Any, new: Any) -> bool:
        before, after = _entries(old), _entries(new)
        if after is None or before is None or len(after) > self.most:
            return False
        if self.values is not None and not (
            isinstance(new, Mapping) and all(self.values.allows(None, value) for value in new.values())
        ):
            return False
        return sum(before.get(name) != after.get(name) for name in before.keys() | after.keys()) <= self.step


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of text, up to `most` characters."""

    most: int

    def allows(self, old: Any, new: Any) -> bool:
        return isinstance(new, str) and len(new) <= self.most and (not new or new.isprintable())


Bounds = Number | OneOf | Order | Entries | Line


@dataclass(frozen=True, kw_only=True, slots=True)
class Knob:
    bounds: Bounds
    approval: ApprovalClass


CACHE_TTL = "answers.cache_ttl"
CACHE_INVALIDATION = "answers.cache_invalidation"
DEPTH = "retrieval.depth"
TITLE_WEIGHT = "retrieval.title_weight"
GLOSSARY = "retrieval.glossary"
MODEL_TIMEOUT = "models.timeout"
MODEL_RETRIES = "models.retries"
CONCURRENCY = "models.concurrency"
MODEL_OF_KIND = "models.by_kind"
TOOL_TIMEOUT = "mcp.timeout"
TOOL_RETRIES = "mcp.retries"
BREAKER = "mcp.breaker"
ROUTE = "route."
MUTED = "rules.muted"
THRESHOLDS = "rules.thresholds"
BULLETS = "prompt.bullets"
FIXED = "process.fix"
ADVICE = "prompt.advice"

#: What there is to choose from; told by the settings, never turned.
MODELS_AVAILABLE = "models.available"
MODEL_DEFAULT = "models.default"
BULLET_LIBRARY = "prompt.library"
RULES_KNOWN = "rules.known"
AGENT = "code.agent"
SEARCH = "prompt.search"
REPAIRS_KNOWN = "rules.repaired"

#: With how many consecutive failures the breaker opens, and for how many seconds; part of what `mcp.breaker: true` is.
BREAKER_FAILURES = 2
BREAKER_SECONDS = 300

KNOBS: Mapping[str, Knob] = {
    CACHE_TTL: Knob(bounds=Number(least=0, most=7 * 86400, factor=48, step=3600), approval=ApprovalClass.A),
    CACHE_INVALIDATION: Knob(bounds=OneOf(values=("ttl", "on_change")), approval=ApprovalClass.A),
    DEPTH: Knob(bounds=Number(least=1, most=8, step=2), approval=ApprovalClass.A),
    TITLE_WEIGHT: Knob(bounds=Number(least=0.25, most=8, factor=2), approval=ApprovalClass.A),
    GLOSSARY: Knob(bounds=Entries(step=30, most=400), approval=ApprovalClass.B),
    MODEL_TIMEOUT: Knob(bounds=Number(least=1, most=120, factor=4), approval=ApprovalClass.A),
    MODEL_RETRIES: Knob(bounds=Number(least=0, most=3, step=1), approval=ApprovalClass.A),
    CONCURRENCY: Knob(bounds=Number(least=1, most=64, factor=4), approval=ApprovalClass.A),
    MODEL_OF_KIND: Knob(bounds=Entries(step=1, most=16), approval=ApprovalClass.A),
    TOOL_TIMEOUT: Knob(bounds=Number(least=1, most=120, factor=8), approval=ApprovalClass.A),
    TOOL_RETRIES: Knob(bounds=Number(least=0, most=3, step=1), approval=ApprovalClass.A),
    BREAKER: Knob(bounds=OneOf(values=(False, True)), approval=ApprovalClass.A),
    ROUTE: Knob(bounds=Order(), approval=ApprovalClass.A),
    MUTED: Knob(bounds=Entries(step=1, most=50), approval=ApprovalClass.B),
    THRESHOLDS: Knob(bounds=Entries(step=1, most=50, values=Number(least=0, most=1)), approval=ApprovalClass.B),
    ADVICE: Knob(bounds=Line(most=800), approval=ApprovalClass.C),
    FIXED: Knob(bounds=Entries(step=1, most=20), approval=ApprovalClass.B),
    BULLETS: Knob(bounds=Entries(step=1, most=20), approval=ApprovalClass.B),
}


def knob(name: str) -> Knob | None:
    """`route.<kind>` is one knob for every kind; None for what is never turned."""
    if name.startswith(ROUTE):
        return KNOBS[ROUTE] if name != ROUTE else None
    return KNOBS.get(name)


def routes(settings: Settings) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Each `route.<kind>` there is, with its kind and the order it says."""
    for name, order in sorted(settings.items()):
        if name.startswith(ROUTE):
            yield name, name.removeprefix(ROUTE), order


def moves_tools(settings: Settings, changes: Settings) -> bool:
    """Whether a tool is tried at another place of a route than it was, or no longer, or newly."""
    return any(_tools(order) != _tools(settings.get(name, ())) for name, _, order in routes(changes))


def _tools(order: Sequence[str]) -> list[tuple[int, str]]:
    return [(place, answerer) for place, answerer in enumerate(order) if family_of(answerer) == "mcp"]


def allowed(settings: Settings, changes: Settings) -> str | None:
    """Why changes may not be made, or None: a machine-readable reason."""
    for name, new in changes.items():
        found = knob(name)
        if found is None or found.approval is ApprovalClass.D:
            return f"class_D: {name}"
        if not found.bounds.allows(settings.get(name), new):
            return f"out_of_bounds: {name}"
    return None


def approval_class(changes: Settings) -> ApprovalClass:
    """The strictest of all that is changed."""
    classes = [found.approval if (found := knob(name)) else ApprovalClass.D for name in changes]
    return max(classes, default=ApprovalClass.A)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _entries(value: Any) -> dict[str, str] | None:
    """The entries of a mapping, or the members of a list, by name."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return {str(name): repr(entry) for name, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return {repr(member): "" for member in value}
    return None
