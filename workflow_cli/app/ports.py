"""What the use cases need from the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """The time, so that tests and replays can set it."""

    def now(self) -> datetime:
        """The time of day, in UTC and aware of it."""
        ...

    def elapsed(self) -> float:
        """Seconds since some fixed moment; never runs backwards."""
        ...


class EventLog(Protocol):
    """The record of what was done, how long it took and how it ended."""

    def append(self, event: Mapping[str, object]) -> None:
        """Record one event; `kind` names it, the other values are what JSON can hold.

        Never raises for a place that cannot be written: a record that is missing must not stop the work.
        """
        ...
