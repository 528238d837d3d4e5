"""Parts of a log into one fold; a long log by several processes, each of which reads stretches of it.

What they made is put together in the order of the log. Where a stretch began with something else than what the one before
ended with, it is read again, in order: so the result is always that of reading line by line.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice

from workflow_cli.adapters.metrics_log.blocks import BLOCK, blocks_of, cut, size_of
from workflow_cli.adapters.metrics_log.files import Part
from workflow_cli.adapters.metrics_log.helpers import Arms, Helpers
from workflow_cli.adapters.metrics_log.recent import LOOKED_AT, newest_of, parted
from workflow_cli.adapters.metrics_log.stretch import SETTLED_SECONDS, Stretch, lead, read_stretch, take
from workflow_cli.domain.events.disorder import DISORDER_SECONDS
from workflow_cli.domain.feedback.fold import Fold

#: Fewer bytes than this for each process are read faster than a process starts.
LEAST_SHARE = 24 * 1024 * 1024
_MOST_PROCESSES = 8
#: How much of the log is shared out at once. The rest is for whoever is done first, in as many pieces as processes.
_SHARED_OUT = 0.84
#: How much before the moment that is asked about reading begins, beside the time after which nothing matters: so much
#: later may a line be than those that follow.
_SPARE_SECONDS = 2 * DISORDER_SECONDS


def read_parts(
    fold: Fold,
    parts: Sequence[Part],
    *,
    arms: Arms = (),
    since: float = 0.0,
    processes: int | None = None,
    least: int = LEAST_SHARE,
) -> float:
    """Take every line of the parts, in order; `arms` are the overlays that the fold holds arms against.

    Of a long log, lines that do not matter since the moment `since` may be left out. Returns the moment from which on
    the tallies are those of all lines: 0 where none was left out. Raises DocumentError.
    """
    moment = since - SETTLED_SECONDS - _SPARE_SECONDS
    old, rest = parted(parts, moment, least=least) if since else ([], list(parts))
    size, looked_at = size_of(rest), size_of(old) // LOOKED_AT
    most = os.cpu_count() or 1 if processes is None else processes
    count = max(1, min(most, _MOST_PROCESSES, (size + looked_at) // max(1, least)))
    stretches = cut(rest, _sizes(size, looked_at, count)) if rest else []
    whole_from = _read_together(fold, old, stretches, min(count, len(stretches)) - 1, arms, since)
    if whole_from is not None:
        return whole_from
    return read_parts(fold, parts, arms=arms, processes=processes, least=least)


def _sizes(size: int, looked_at: int, count: int) -> list[int]:
    """How many bytes each process reads first, and those that are left. The first also looks at something else."""
    if count == 1:
        return [size]
    whole = size + looked_at
    share = int(whole * _SHARED_OUT) // count
    return [
        max(size // (2 * count), share - looked_at, 1),
        *[share + 1] * (count - 1),
        *[(whole - share * count) // count + 1] * count,
    ]


def _read_together(
    fold: Fold, old: Sequence[Part], stretches: Sequence[Sequence[Part]], count: int, arms: Arms, since: float
) -> float | None:
    """With `count` other processes. Returns the moment since which all lines were counted; None where that would be too
    late, and none was.
    """
    helpers = Helpers(fold, stretches, count, arms) if count > 0 else None
    try:
        blocks = blocks_of(stretches[0] if stretches else [], BLOCK)
        whole_from = 0.0
        if old:
            leading = fold.another()
            _, settled = lead(leading, blocks, newest_of(blocks_of(old, BLOCK), fold.latest))
            if not settled or leading.newest > since:
                return None
            fold.remember(leading.remembered())
            whole_from = leading.newest
        take(fold, blocks)
        if helpers:
            _put_together(fold, stretches, helpers)
        return whole_from
    finally:
        if helpers:
            helpers.close()


def _put_together(fold: Fold, stretches: Sequence[Sequence[Part]], helpers: Helpers) -> None:
    """All stretches but the first, which the fold has taken."""
    made: dict[int, Stretch] = {}
    while (number := helpers.next_left()) is not None:
        made[number] = read_stretch(fold, stretches[number], BLOCK)
    made.update(helpers.results())
    for number, stretch in enumerate(stretches[1:], 1):
        blocks = blocks_of(stretch, BLOCK)
        if number in made:
            told = made[number]
            take(fold, islice(blocks, told.skipped))
            if fold.remembered() == told.before:
                fold.go_on_with(told.days, told.hours, told.after)
                continue
        take(fold, blocks)
