"""What a rule noticed, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Severity, in OpenSpec's words."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"

    @property
    def rank(self) -> int:
        """0 for INFO, 1 for WARNING, 2 for ERROR."""
        return _RANK[self]


_RANK = {Level.INFO: 0, Level.WARNING: 1, Level.ERROR: 2}


class Origin(StrEnum):
    """Who noticed it: a rule of OpenSpec's own, one of ours, or a model."""

    OPENSPEC = "openspec"
    BUILTIN = "builtin"
    MODEL = "model"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A position a person can open: `file` is POSIX and relative to the root, `line` and `column` count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One remark about one item.

    `path` and `line` are the finding's address in the words of its origin. For `openspec` they equal what
    `openspec validate --json` prints (`requirements[0]`, `cap/spec.md`, `file`, ...); for the others `path` is
    the file, relative to the root. `place` is always a position that can be opened.

    `refuses` marks text that OpenSpec would lose, duplicate or misread: such a finding makes its item invalid
    even where OpenSpec itself passes it.

    `score` in [0, 1] tells how strong the case is, by the rule's own measure; None where a rule only says yes or no.
    """

    rule: str
    level: Level
    path: str
    line: int | None = None
    message: str
    origin: Origin
    place: Place
    hint: str | None = None
    refuses: bool = False
    score: float | None = None


def builtin(
    rule: str,
    level: Level,
    place: Place,
    message: str,
    *,
    hint: str | None = None,
    refuses: bool = False,
    score: float | None = None,
) -> Finding:
    """A finding of ours, whose address is simply its place."""
    return Finding(
        rule=rule,
        level=level,
        path=place.file,
        line=place.line,
        message=message,
        origin=Origin.BUILTIN,
        place=place,
        hint=hint,
        refuses=refuses,
        score=score,
    )
