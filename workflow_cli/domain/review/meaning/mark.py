"""The words and figures of a sentence that carry its force."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class MarkKind(StrEnum):
    BINDING = "binding word"
    NEGATION = "negation"
    EXCEPTION = "exception"
    QUANTITY = "number"
    OPPOSITE = "one of two opposites"


@dataclass(frozen=True, slots=True)
class Mark:
    """Equal marks say the same: `30 sec` is `30 seconds`. `shown` is how its author wrote it."""

    kind: MarkKind
    value: str
    shown: str = field(compare=False)
