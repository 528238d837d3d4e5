"""The stretch of time that is looked at, and the one before it: whole hours, or whole days where it is longer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workflow_cli.domain.feedback.tally import DAY, HOUR

_SINCE = re.compile(r"(\d{1,4})(h|d|w)")
#: Longer ones are counted in days.
MOST_HOURS = 36
MOST_DAYS = 3660


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """From `begins` until before `ends`, in seconds since 1970, in steps of `step`."""

    begins: int
    ends: int
    step: int

    @property
    def before(self) -> Window:
        """As long as this one."""
        return Window(begins=2 * self.begins - self.ends, ends=self.begins, step=self.step)

    @property
    def starts(self) -> range:
        return range(self.begins, self.ends, self.step)


def window_of(since: str, *, now: float) -> Window:
    """`24h`, `7d` or `2w` until the end of the hour or day (UTC) that it is. Raises ValueError."""
    found = _SINCE.fullmatch(since.strip().lower())
    if found is None or int(found[1]) == 0:
        raise ValueError(since)
    hours = int(found[1]) * {"h": 1, "d": 24, "w": 168}[found[2]]
    if found[2] == "h" and hours <= MOST_HOURS:
        ends = (int(now) // HOUR + 1) * HOUR
        return Window(begins=ends - hours * HOUR, ends=ends, step=HOUR)
    days = -(-hours // 24)
    if days > MOST_DAYS:
        raise ValueError(since)
    ends = (int(now) // DAY + 1) * DAY
    return Window(begins=ends - days * DAY, ends=ends, step=DAY)
