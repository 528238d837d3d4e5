"""Conditions that make `feedback` fail, such as `answer.p95_ms>2000`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from workflow_cli.domain.feedback.measured import Measured
from workflow_cli.domain.feedback.metrics import BY_NAME

_CONDITION = re.compile(r"\s*([a-z][a-z0-9_.]*)\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*(%|ms|s)?\s*")
_EXAMPLE = "for example 'answer.p95_ms>2000'; workflow feedback --metrics names the metrics"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """`text` as it was typed; `bound` in the unit of the metric."""

    text: str
    metric: str
    sign: str
    bound: float

    def broken(self, measured: Measured) -> bool:
        """Whether the condition holds, which is what it fails on; never where there is no value."""
        value = measured.value
        if value is None:
            return False
        if self.sign == ">":
            return value > self.bound
        if self.sign == ">=":
            return value >= self.bound
        return value < self.bound if self.sign == "<" else value <= self.bound


class BadLimit(ValueError):
    """`hint` says what would be right."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def limit_of(text: str) -> Limit:
    """Raises BadLimit."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise BadLimit(f"{text!r} is not METRIC, a sign and a number", _EXAMPLE)
    name, sign, number, unit = found.groups()
    metric = BY_NAME.get(name)
    if metric is None:
        near = get_close_matches(name, BY_NAME, n=3)
        raise BadLimit(f"no metric {name!r}", f"nearest: {', '.join(near)}" if near else "workflow feedback --metrics")
    bound = float(number)
    if unit is not None and (unit == "%") != (metric.unit == "share"):
        raise BadLimit(f"{name} is not measured in {unit}", f"it is a {metric.unit}")
    if metric.unit == "count" and unit is not None:
        raise BadLimit(f"{name} is a count and has no unit", "leave the unit out")
    if unit == "%":
        bound /= 100
    elif unit == "s":
        bound *= 1000
    if metric.unit == "share" and bound > 1:
        raise BadLimit(f"{name} is a share, at most 1", f"did you mean {number} %? write {name}{sign}{number}%")
    return Limit(text=text.strip(), metric=name, sign=sign, bound=bound)
