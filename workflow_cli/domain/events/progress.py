"""How far a log has come in time: a line that is much older than that is out of order.

Clocks differ, so a leap is only believed once the lines have gone on from there for as long as clocks differ, and none of
them came from before it. A clock that is ahead says of a few lines that it is later than it is; what others write meanwhile
is from before, so it sets nothing of that aside. The same holds whenever the log is read.
"""

from __future__ import annotations

from typing import NamedTuple

from workflow_cli.domain.events.disorder import DISORDER_SECONDS


class Progress(NamedTuple):
    """In seconds since 1970. `believed` is how far the log has come for sure, `newest` the newest line of those since
    the leap to `leapt_to`, which is not believed yet; without one, both are the same.
    """

    believed: float = 0.0
    leapt_to: float | None = None
    newest: float = 0.0

    def is_late(self, at: float) -> bool:
        """Whether a line of the moment would be out of order."""
        return at < self.believed - DISORDER_SECONDS

    def after(self, at: float) -> Progress:
        """With one more line, which is not late."""
        if at <= self.believed + DISORDER_SECONDS:
            believed = max(self.believed, at)
            return Progress(believed, None, believed)
        if self.leapt_to is None or at < self.leapt_to - DISORDER_SECONDS:
            return Progress(self.believed, at, at)
        if at <= self.leapt_to + DISORDER_SECONDS:
            return Progress(self.believed, self.leapt_to, max(self.newest, at))
        return Progress(self.newest, None, self.newest).after(at)

    def after_all(self, begin: float, first: float, last: float) -> Progress | None:
        """With many lines from the moment `first` to `last`, in whatever order, the first of which is of the moment `begin`.

        None where one of them may be late, or where it depends on their order, which is rarely so.
        """
        if first < last - DISORDER_SECONDS or self.is_late(first):
            return None
        if last <= self.believed + DISORDER_SECONDS:
            believed = max(self.believed, last)
            return Progress(believed, None, believed)
        leapt_to = begin if self.leapt_to is None else self.leapt_to
        together = leapt_to - DISORDER_SECONDS <= first and last <= leapt_to + DISORDER_SECONDS
        if together and first > self.believed + DISORDER_SECONDS:
            return Progress(self.believed, leapt_to, max(self.newest, last))
        return None
