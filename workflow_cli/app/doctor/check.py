"""What a check is, and what it tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

At = TypeVar("At")


class State(StrEnum):
    """How it is with what a check looked at."""

    OK = "ok"
    WARNING = "warning"
    """It works, or may be done without; somebody should look at it."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not looked at, or not there and not needed; `text` says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One thing that a check saw.

    `text` says it in words, without secrets; `where` is a path, a setting, an address or a server's name; `next` the command
    or edit to try. `part` is one of the check's parts. `evaluated` is False where it could not be told how it is.
    """

    state: State
    text: str
    where: str | None = None
    next: str | None = None
    part: str | None = None
    evaluated: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """What a check has to wait for: `look` is called once, and cancelled after so many `seconds`. `where` as in Seen."""

    where: str
    seconds: float
    look: Callable[[], Awaitable[Sequence[Seen]]]


@dataclass(frozen=True)
class Check(Generic[At]):
    """`look` tells of what it finds `at` a place, and hands back a probe for each server that has to be waited for.

    It writes nothing. A WorkflowError or OSError that it raises is something seen as well. `parts` are the titles of what
    one look tells of beside the check's own subject.
    """

    id: str
    title: str
    look: Callable[[At], Iterable[Seen | Probe]]
    parts: Mapping[str, str] = field(default_factory=dict)


def ok(text: str, *, where: str | None = None, next: str | None = None, part: str | None = None) -> Seen:
    return Seen(state=State.OK, text=text, where=where, next=next, part=part)


def warning(text: str, *, where: str | None = None, next: str, part: str | None = None) -> Seen:
    return Seen(state=State.WARNING, text=text, where=where, next=next, part=part)


def failed(text: str, *, where: str | None = None, next: str, part: str | None = None) -> Seen:
    return Seen(state=State.FAILED, text=text, where=where, next=next, part=part)


def skipped(text: str, *, where: str | None = None, next: str | None = None, part: str | None = None) -> Seen:
    return Seen(state=State.SKIPPED, text=text, where=where, next=next, part=part)
