"""What a stretch of a log comes to, read by itself.

Who begins in the middle does not know what came before. It reads on until everything that came before no longer matters,
and notes what it remembers there. Whoever reads the stretch before goes on to the same place; where both remember the
same, the tallies of both are simply added.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from workflow_cli.adapters.metrics_log.blocks import blocks_of
from workflow_cli.adapters.metrics_log.bodies import Bodies, pack_all
from workflow_cli.adapters.metrics_log.files import Part
from workflow_cli.adapters.metrics_log.lines import Lines
from workflow_cli.domain.events.disorder import DISORDER_SECONDS
from workflow_cli.domain.feedback.counting import REASKED_SECONDS
from workflow_cli.domain.feedback.fold import Fold

#: So long after the newest moment before, nothing matters any more of what came before: until a leap is believed that came
#: at the end of it, and one that came then.
SETTLED_SECONDS = 3 * DISORDER_SECONDS + 2 * REASKED_SECONDS
#: Where that moment is not known, so long after the first that is read it nearly always is so.
_LIKELY_SECONDS = 1.5 * DISORDER_SECONDS + 2 * REASKED_SECONDS


@dataclass(frozen=True, slots=True)
class Stretch:
    """Pieces of the log, from `first` to `until`, without the first `skipped` blocks, after which `before` was remembered.

    `last` and `ahead` are those of the fold.
    """

    first: int
    until: int
    skipped: int
    before: list[Any]
    after: list[Any]
    bodies: Bodies
    last: float
    ahead: float


def take(fold: Fold, blocks: Iterable[memoryview]) -> None:
    lines = Lines(fold)
    for block in blocks:
        lines.take(block)


def lead(fold: Fold, blocks: Iterator[memoryview], newest: float | None = None) -> tuple[int, bool]:
    """Read on until what came before no longer matters, its newest moment being `newest`: so many blocks, and whether it
    came so far. Where that is not known it is only likely, and whoever puts it all together compares.
    """
    lines = Lines(fold)
    skipped, settled_at = 0, math.inf
    for block in blocks:
        lines.take(block)
        skipped += 1
        if skipped == 1:
            settled_at = fold.last + _LIKELY_SECONDS if newest is None else max(fold.last, newest) + SETTLED_SECONDS
        if fold.progress.believed >= settled_at:
            return skipped, True
    return skipped, False


class InOrder:
    """The pieces of these numbers, as long as one follows the other: from the first to the one before `at`."""

    def __init__(self, pieces: Sequence[Sequence[Part]], numbers: Iterator[int], size: int, *, first: int) -> None:
        self._pieces = pieces
        self._numbers = numbers
        self._size = size
        self._other: tuple[int, ...] = ()
        self.at = first
        #: What has not been taken of them yet.
        self.blocks = self._following()

    def _following(self) -> Iterator[memoryview]:
        for number in self._numbers:
            if number != self.at:
                self._other = (number,)
                return
            self.at += 1
            yield from blocks_of(self._pieces[number], self._size)

    def as_long_as_it_takes(self) -> Iterator[memoryview]:
        """And then on, whoever else reads those pieces. What is left when it has taken long enough is in `blocks`."""
        while True:
            # `yield from` would close it when nobody asks any more.
            for block in self.blocks:  # noqa: UP028
                yield block
            if self.at == len(self._pieces):
                return
            self.blocks = blocks_of(self._pieces[self.at], self._size)
            self.at += 1

    def others(self) -> Iterator[int]:
        """Those that do not follow, when all blocks of the others were taken."""
        return chain(self._other, self._numbers)


def read_stretches(like: Fold, pieces: Sequence[Sequence[Part]], numbers: Iterator[int], size: int) -> list[Stretch]:
    """The pieces of these numbers; those that follow one another are one stretch.

    What came before is not known, so whoever puts it all together compares. Nothing is added to the fold.
    """
    made: list[Stretch] = []
    while (first := next(numbers, None)) is not None:
        run = InOrder(pieces, chain((first,), numbers), size, first=first)
        leading = like.another()
        skipped, _ = lead(leading, run.blocks)
        before = leading.remembered()
        fold = like.another()
        fold.remember(before)
        take(fold, run.blocks)
        bodies = pack_all(fold)
        made.append(Stretch(first, run.at - 1, skipped, before, fold.remembered(), bodies, fold.last, fold.ahead))
        numbers = run.others()
    return made
