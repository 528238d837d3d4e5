"""Parts of a log into one fold; a long log in pieces, by several processes.

What they made is put together in the order of the log. Where a stretch began with something else than what the one before
ended with, it is read again, in order: so the result is always that of reading line by line.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from workflow_cli.adapters.metrics_log.blocks import BLOCK, blocks_of, cut, size_of
from workflow_cli.adapters.metrics_log.bodies import Bodies, pack_all, together
from workflow_cli.adapters.metrics_log.files import Part
from workflow_cli.adapters.metrics_log.helpers import Arms, Helpers
from workflow_cli.adapters.metrics_log.recent import LOOKED_AT, newest_of, parted
from workflow_cli.adapters.metrics_log.stretch import SETTLED_SECONDS, InOrder, Stretch, lead, read_stretches, take
from workflow_cli.domain.events.disorder import DISORDER_SECONDS
from workflow_cli.domain.feedback.fold import Fold

#: Fewer bytes than this for each process are read faster than a process starts.
LEAST_SHARE = 24 * 1024 * 1024
_MOST_PROCESSES = 8
#: Half of the share of a process is one piece, and the other half so many, for whoever has time: what is left of the last
#: one is how long the others wait for it.
_PIECES = 8
#: How much before the moment that is asked about reading begins, beside the time after which nothing matters: so much
#: later may a line be than those that follow.
_SPARE_SECONDS = 2 * DISORDER_SECONDS


@dataclass(frozen=True, slots=True)
class Counted:
    """What the fold counted is in its tallies, or else in `bodies`.

    They are those of all lines from the moment `whole_from` on; 0 where none was left out.
    """

    whole_from: float
    bodies: Bodies


def read_parts(
    fold: Fold,
    parts: Sequence[Part],
    *,
    arms: Arms = (),
    since: float = 0.0,
    processes: int | None = None,
    least: int = LEAST_SHARE,
) -> Counted:
    """Take every line of the parts, in order; `arms` are the overlays that the fold holds arms against.

    Of a long log, lines that do not matter since the moment `since` may be left out. Raises DocumentError.
    """
    moment = since - SETTLED_SECONDS - _SPARE_SECONDS
    old, rest = parted(parts, moment, least=least) if since else ([], list(parts))
    size, looked_at = size_of(rest), size_of(old) // LOOKED_AT
    most = os.cpu_count() or 1 if processes is None else processes
    count = max(1, min(most, _MOST_PROCESSES, (size + looked_at) // max(1, least)))
    pieces = cut(rest, _sizes(size, looked_at, count)) if rest else []
    counted = _read_together(fold, old, pieces, count, arms, since)
    if counted is not None:
        return counted
    return read_parts(fold, parts, arms=arms, processes=processes, least=least)


def _sizes(size: int, looked_at: int, count: int) -> list[int]:
    """How many bytes each piece has: as many pieces for each process, smaller for the first, which looks at others too."""
    if count == 1:
        return [size]
    first = max(size // (2 * count), (size + looked_at) // count - looked_at)
    shares = [first, *[(size - first) // (count - 1)] * (count - 1)]
    return [max(1, share // part) for share in shares for part in (2, *[2 * _PIECES] * _PIECES)]


def _read_together(
    fold: Fold, old: Sequence[Part], pieces: Sequence[Sequence[Part]], count: int, arms: Arms, since: float
) -> Counted | None:
    """By so many processes. None where all lines would be counted since too late a moment, and none was."""
    helpers = None
    if count > 1 and len(pieces) > 1:
        with suppress(OSError):
            helpers = Helpers(fold, pieces, count, arms, block=BLOCK)
    try:
        mine = InOrder(pieces, iter(helpers.claims if helpers else range(len(pieces))), BLOCK, first=0)
        whole_from = 0.0
        if old:
            leading = fold.another()
            newest, ahead = newest_of(blocks_of(old, BLOCK), fold.latest)
            _, settled = lead(leading, mine.as_long_as_it_takes(), newest)
            if not settled or leading.last > since:
                return None
            fold.remember(leading.remembered())
            fold.saw(max(newest, leading.last), min(ahead, leading.ahead))
            whole_from = leading.last
        take(fold, mine.blocks)
        if not helpers:
            return Counted(whole_from, {})
        made = read_stretches(fold, pieces, mine.others(), BLOCK)
        bodies = [pack_all(fold)]  # while the others are still at it
        bodies += _go_on(fold, pieces, mine.at, [*made, *helpers.results()])
        return Counted(whole_from, together(fold, bodies))
    finally:
        if helpers:
            helpers.close()


def _go_on(fold: Fold, pieces: Sequence[Sequence[Part]], at: int, stretches: Sequence[Stretch]) -> Iterator[Bodies]:
    """Take all pieces that the fold has not taken yet, the first of which is `at`; the tallies of those that were taken for it."""
    by_first = {stretch.first: stretch for stretch in stretches}
    while at < len(pieces):
        stretch = by_first.get(at)
        after = stretch.until + 1 if stretch else at + 1
        blocks = blocks_of([part for piece in pieces[at:after] for part in piece], BLOCK)
        if stretch:
            take(fold, islice(blocks, stretch.skipped))
        if stretch and fold.remembered() == stretch.before:
            fold.remember(stretch.after)
            fold.saw(stretch.last, stretch.ahead)
            yield stretch.bodies
        else:
            take(fold, blocks)
        at = after
