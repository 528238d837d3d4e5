"""One event after the other into the tally of its hour, with what has to be remembered from one to the next.

| set aside | which lines |
|---|---|
| `unreadable` | no JSON object |
| `malformed` | no event: a field is missing, or is not what it has to be |
| `from_the_future` | later than now, by more than clocks differ |
| `out_of_order` | older than what the log has come to, by more than clocks differ |
| `duplicate` | an `event_id` that was there already |
| `forged` | a question that claims an arm of an experiment which it was not drawn for |

A verdict that nobody could have given, on an answer that was not there, is set aside when the tallies are read.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from operator import le
from typing import Any

from workflow_cli.domain.events.disorder import DISORDER_SECONDS
from workflow_cli.domain.events.kinds import QUESTION
from workflow_cli.domain.events.progress import Progress
from workflow_cli.domain.feedback.by_kind import take
from workflow_cli.domain.feedback.counting import REASKED_SECONDS, Asked, Counting
from workflow_cli.domain.feedback.reading import Event
from workflow_cli.domain.feedback.seen_ids import SeenIds
from workflow_cli.domain.feedback.tally import DAY, HOUR, Tally

#: What was asked is looked through for what no longer matters where it is twice what was left the last time, and more than this.
_LEAST_TO_FORGET = 10_000
#: Where something of more events than this is to be set aside, or depends on their order, that is looked for by halves.
_FEW = 16
#: Tells of a question's experiment, kind, arm and unit, and the moment, whether it may claim that arm.
Genuine = Callable[[str, str, str | None, str, float], bool]
#: By span and first second, in seconds.
Tallies = dict[tuple[int, int], Tally]


class Fold:
    """`tallies` are by their span and first second. The rest is what a later event may refer to.

    Events since the hour `hours_from` are counted by hour, older ones by day. `latest` is the moment after which an event
    is from the future. All in seconds since 1970. Without `genuine`, arms are not looked at.
    """

    def __init__(self, *, latest: float, hours_from: int, genuine: Genuine | None = None) -> None:
        self._tallies: Tallies = {}
        self.progress = Progress()
        #: Of all moments, the last that is not from the future and the first that is: for every `latest` between them the
        #: same lines count.
        self.last, self.ahead = 0.0, math.inf
        #: What was set aside before the first event: it belongs to the moment of that.
        self.early: dict[str, int] = {}
        self.latest = latest
        self.hours_from = hours_from
        self.genuine = genuine
        self._ids = SeenIds()
        self._asked: Asked = {}
        self._forget_from = _LEAST_TO_FORGET
        self._counting = Counting(Tally(), self._asked)
        self._begins = self._ends = 0.0

    def another(self) -> Fold:
        """An empty one, for the same moments and arms."""
        return Fold(latest=self.latest, hours_from=self.hours_from, genuine=self.genuine)

    @property
    def tallies(self) -> Tallies:
        self._counting.settle()
        return self._tallies

    def let_go(self) -> Tallies:
        """The tallies so far; it goes on with what it remembers, and without them."""
        done = self.tallies
        self._tallies = {}
        self._begins = self._ends = 0.0
        return done

    def remembered(self) -> list[Any]:
        """What the future depends on, and nothing else: two folds with the same go on in the same way."""
        self._forget_asked()
        asked = [
            [words, asker, moment.timestamp(), *row]
            for (words, asker), (moment, row) in sorted(
                self._asked.items(), key=lambda one: (one[0][0], one[0][1] or "")
            )
        ]
        ids = self._ids.since(self.progress.believed - DISORDER_SECONDS)
        return [list(self.progress), ids, asked, sorted(self.early.items())]

    def remember(self, remembered: Sequence[Any]) -> None:
        progress, ids, asked, early = remembered
        self.progress = Progress(*progress)
        self.early = dict(early)
        self._ids.remember(ids)
        self._asked.clear()
        for words, asker, at, *row in asked:
            self._asked[words, asker] = datetime.fromtimestamp(at, UTC), tuple(row)

    def saw(self, last: float, ahead: float) -> None:
        """Take the `last` and `ahead` of what came before, or of what another fold took."""
        self.last, self.ahead = max(self.last, last), min(self.ahead, ahead)

    def _forget(self) -> None:
        self._ids.forget(self.progress.believed - DISORDER_SECONDS)
        if len(self._asked) > self._forget_from:
            self._forget_asked()
            self._forget_from = max(_LEAST_TO_FORGET, 2 * len(self._asked))

    def _forget_asked(self) -> None:
        since = datetime.fromtimestamp(max(0.0, self.progress.believed - DISORDER_SECONDS - REASKED_SECONDS), UTC)
        for who in [who for who, (moment, _) in self._asked.items() if moment < since]:
            del self._asked[who]

    def set_aside(self, reason: str) -> None:
        """Count a line that is no event, or none that counts, at the moment that the log has come to."""
        newest = self.progress.newest
        aside = self._tally_at(newest)[0].aside if newest else self.early
        aside[reason] = aside.get(reason, 0) + 1

    def _tally_at(self, at: float) -> tuple[Tally, float, float]:
        """The tally that an event of the moment belongs to, and from when to when others do."""
        span = DAY if at < self.hours_from else HOUR
        start = int(at) // span * span
        ends = min(start + DAY, self.hours_from) if span == DAY else start + HOUR
        return self._tallies.setdefault((span, start), Tally()), start, ends

    def _counting_at(self, at: float) -> Counting:
        """What an event of the moment is counted by."""
        if not self._begins <= at < self._ends:
            self._counting.settle()
            tally, self._begins, self._ends = self._tally_at(at)
            self._counting = Counting(tally, self._asked)
        return self._counting

    def take_all(self, events: Sequence[Event]) -> None:
        """Take events in the order of the log."""
        if not events:
            return
        moments = [event.ts for event in events]
        first, last = min(moments).timestamp(), max(moments).timestamp()
        progress = self.progress.after_all(moments[0].timestamp(), first, last)
        # Whether nothing of all this, which is something, is to be set aside, as is nearly always so.
        if (
            progress is not None
            and first >= 0
            and last <= self.latest
            and self._all_genuine(events)
            and self._ids.take([event.event_id for event in events], moments, last)
        ):
            self.progress = progress
            self.last = max(self.last, last)
            self._count(first, last, events, moments)
            self._forget()
        elif len(events) > _FEW:
            half = len(events) // 2
            self.take_all(events[:half])
            self.take_all(events[half:])
        else:
            self._take_one_by_one(events)

    def _take_one_by_one(self, events: Sequence[Event]) -> None:
        good: list[Event] = []
        for event in events:
            at = event.ts.timestamp()
            if reason := self._wrong(at, event):
                self.set_aside(reason)
                if at > self.latest:
                    self.ahead = min(self.ahead, at)
            else:
                self._ids.keep(event.event_id, at)
                self.progress = self.progress.after(at)
                self.last = max(self.last, at)
                good.append(event)
        if good:
            moments = [event.ts for event in good]
            self._count(min(moments).timestamp(), max(moments).timestamp(), good, moments)
        self._forget()

    def _wrong(self, at: float, event: Event) -> str | None:
        """Why the event is set aside; None where it is not."""
        if at < 0 or not event.event_id:
            return "malformed"
        if self.progress.is_late(at):
            return "out_of_order"
        if at > self.latest:
            return "from_the_future"
        # One that is older than what may come now is not remembered, however long ago it was forgotten.
        before = self._ids.when(event.event_id)
        if before is not None and not self.progress.is_late(before):
            return "duplicate"
        return None if self._all_genuine((event,)) else "forged"

    def _all_genuine(self, events: Sequence[Any]) -> bool:
        if self.genuine is None:
            return True
        claims = [event for event in events if event.kind == QUESTION and event.experiment is not None]
        return all(
            self.genuine(c.experiment, c.question_kind or "", c.arm, c.unit or "", c.ts.timestamp()) for c in claims
        )

    def _count(self, first: float, last: float, events: Sequence[Event], moments: Sequence[datetime]) -> None:
        """Count events of these moments, from first to last."""
        if self.early:
            aside = self._tally_at(events[0].ts.timestamp())[0].aside
            for reason, count in self.early.items():
                aside[reason] = aside.get(reason, 0) + count
            self.early = {}
        counting = self._counting_at(first)
        if last < self._ends and self._begins <= first:
            _count_by_kind(counting, events)
            return
        rising = all(map(le, moments, islice(moments, 1, None)))
        at = 0
        while at < len(events):
            counting = self._counting_at(moments[at].timestamp())
            end = bisect_left(moments, datetime.fromtimestamp(self._ends, UTC), at) if rising else at + 1
            _count_by_kind(counting, events[at:end])
            at = end


def _count_by_kind(counting: Counting, events: Sequence[Event]) -> None:
    of_kind: dict[type[Event], list[Event]] = {}
    for event in events:
        # A kind has a class, and looking for that is faster.
        if (form := type(event)) in of_kind:
            of_kind[form].append(event)
        else:
            of_kind[form] = [event]
    for some in of_kind.values():
        take(counting, some[0].kind, some)
