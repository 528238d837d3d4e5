"""Parts of a log into one fold; a long log by several processes, each of which reads a stretch of it.

A process that begins in the middle does not know what came before. It reads on until everything that came before no
longer matters, and notes what it remembers there. Whoever read the stretch before goes on to the same place; where both
remember the same, the tallies of both are simply added. Where not, the stretch is read again, in order: so the result is
always that of reading line by line.
"""

from __future__ import annotations

import gc
import io
import marshal
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from workflow_cli.adapters.metrics_log.files import Part, open_log
from workflow_cli.adapters.metrics_log.lines import LONGEST_LINE, Lines
from workflow_cli.adapters.metrics_log.recent import LOOKED_AT, newest_of, parted
from workflow_cli.domain.feedback.counting import REASKED_SECONDS
from workflow_cli.domain.feedback.fold import Fold, Genuine
from workflow_cli.domain.feedback.tally import DAY, Tally, bare
from workflow_cli.domain.improvement.window import DISORDER_SECONDS

#: How much is decoded at a time, as much as a processor's cache holds with the events made of it: a megabyte at a time
#: takes a quarter longer. All processes of a reading agree on it.
BLOCK = 1 << 18
#: Fewer bytes than this for each process are read faster than a process starts.
LEAST_SHARE = 24 * 1024 * 1024
#: Overlays of experiments, as JSON.
Arms = Sequence[Mapping[str, Any]]
_SETTLED_SECONDS = 2 * DISORDER_SECONDS + 2 * REASKED_SECONDS


def genuine_of(arms: Arms) -> Genuine | None:
    if not arms:
        return None
    from workflow_cli.domain.improvement.arms import genuine_by, overlay_from

    return genuine_by({str(overlay["experiment"]): overlay_from(overlay) for overlay in arms})


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
    old, rest = parted(parts, since - _SETTLED_SECONDS - DAY, least=least) if since else ([], list(parts))
    size, looked_at = _size(rest), _size(old) // LOOKED_AT
    most = os.cpu_count() or 1 if processes is None else processes
    count = max(1, min(most, 8, (size + looked_at) // max(1, least)))
    whole_from = _read_together(fold, old, _stretches(rest, size, count, looked_at), arms, since)
    if whole_from is not None:
        return whole_from
    return read_parts(fold, parts, arms=arms, processes=processes, least=least)


def _size(parts: Sequence[Part]) -> int:
    return sum(part.end - part.start for part in parts)


def _blocks(parts: Sequence[Part], size: int) -> Iterator[memoryview]:
    """Whole lines, about a megabyte at a time. What is given holds until the next is asked for.

    A line that is far too long is cut, and spoilt, so that it is no event.
    """
    room = bytearray(size + LONGEST_LINE + 1)
    view = memoryview(room)
    for part in parts:
        descriptor = open_log(part.path)
        try:
            with io.FileIO(descriptor, closefd=False) as file:
                file.seek(part.start)
                left, rest = part.end - part.start, 0
                while left:
                    read = file.readinto(view[rest : rest + min(size, left)])
                    if not read:
                        break  # it was made shorter meanwhile
                    left -= read
                    filled = rest + read
                    cut = room.rfind(b"\n", rest, filled) + 1
                    if not cut:
                        rest = min(filled, LONGEST_LINE)
                        continue
                    if filled > LONGEST_LINE and room.find(b"\n", rest, filled) >= LONGEST_LINE:
                        room[0] = 0
                    yield view[:cut]
                    rest = filled - cut
                    room[:rest] = room[cut:filled]
                if rest:
                    if rest >= LONGEST_LINE:
                        room[0] = 0
                    room[rest] = 10
                    yield view[: rest + 1]
        finally:
            os.close(descriptor)


def _stretches(parts: Sequence[Part], size: int, count: int, less: int) -> list[list[Part]]:
    """About as many bytes in each, cut where a line begins; `less` of them in the first."""
    share = (size + less) // count + 1
    stretches: list[list[Part]] = [[]]
    # Who reads the first puts everything together afterwards, while the others start up meanwhile.
    room = max(size // (2 * count), share * 24 // 25 - less, 1)
    for part in parts:
        start = part.start
        while part.end - start > room and len(stretches) < count:
            middle = _next_line(part.path, start + room, part.end)
            if middle > start:
                stretches[-1].append(Part(path=part.path, start=start, end=middle))
            start, room = middle, share
            stretches.append([])
        if part.end > start:
            stretches[-1].append(Part(path=part.path, start=start, end=part.end))
            room -= part.end - start
    return [stretch for stretch in stretches if stretch]


def _next_line(path: str, at: int, end: int) -> int:
    descriptor = open_log(path)
    try:
        while at < end:
            data = os.pread(descriptor, min(65536, end - at), at - 1)
            found = data.find(b"\n")
            if found >= 0:
                return at + found
            at += len(data)
        return end
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What a process made of a stretch: it began to count after `skipped` blocks, remembering `before`."""

    skipped: int
    before: list[object]
    after: list[object]
    days: dict[int, Tally]
    hours: dict[int, Tally]


def _read_together(
    fold: Fold, old: Sequence[Part], stretches: Sequence[Sequence[Part]], arms: Arms, since: float
) -> float | None:
    """Returns the moment since which all lines were counted; None where that would be too late, and none was."""
    helpers = [_start(fold, stretch, arms) for stretch in stretches[1:]]
    try:
        blocks = _blocks(stretches[0] if stretches else [], BLOCK)
        whole_from = 0.0
        if old:
            lead = Fold(latest=fold.latest, hours_from=fold.hours_from, genuine=fold.genuine)
            _, settled = _lead(lead, blocks, newest_of(_blocks(old, BLOCK), fold.latest))
            if not settled or lead.newest > since:
                return None
            fold.remember(lead.remembered())
            whole_from = lead.newest
        _take(fold, blocks)
        for helper, stretch in zip(helpers, stretches[1:], strict=True):
            told = _result(helper)
            blocks = _blocks(stretch, BLOCK)
            if told is not None:
                _take(fold, islice(blocks, told.skipped))
                if fold.remembered() == told.before:
                    fold.go_on_with(told.days, told.hours, told.after)
                    continue
            _take(fold, blocks)
        return whole_from
    finally:
        for helper in helpers:
            if helper.poll() is None:
                helper.kill()
                helper.wait()
            if helper.stdout is not None:
                helper.stdout.close()


def _take(fold: Fold, blocks: Iterable[memoryview]) -> None:
    lines = Lines(fold)
    for block in blocks:
        lines.take(block)


def _lead(lead: Fold, blocks: Iterator[memoryview], newest: float) -> tuple[int, bool]:
    """Read on until what came before no longer matters, its newest moment being known: so many blocks, and whether it
    came so far.
    """
    lines = Lines(lead)
    skipped, first = 0, newest
    for block in blocks:
        lines.take(block)
        skipped += 1
        first = lead.newest if skipped == 1 else first
        if lead.newest >= max(first, newest) + _SETTLED_SECONDS:
            return skipped, True
    return skipped, False


def _start(fold: Fold, stretch: Sequence[Part], arms: Arms) -> subprocess.Popen[bytes]:
    """The same interpreter with the same paths; what it is to read comes on its stdin."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    task = (
        list(sys.path),
        fold.latest,
        fold.hours_from,
        list(arms),
        BLOCK,
        [(part.path, part.start, part.end) for part in stretch],
    )
    try:
        process.stdin.write(marshal.dumps(task))
        process.stdin.close()
    except BrokenPipeError:
        pass  # it died; its stretch is read here
    process.stdin = None
    return process


_PROGRAM = """
import marshal, sys
path, *task = marshal.load(sys.stdin.buffer)
sys.path[:] = path
from workflow_cli.adapters.metrics_log.read_parts import help_reading
sys.stdout.buffer.write(marshal.dumps(help_reading(*task)))
"""


def help_reading(
    latest: float, hours_from: int, arms: Arms, size: int, parts: Sequence[tuple[str, int, int]]
) -> tuple[object, ...]:
    """What a helping process does with its stretch, in nothing but Python's own types."""
    gc.disable()
    genuine = genuine_of(arms)
    stretch = [Part(path=path, start=start, end=end) for path, start, end in parts]
    blocks = _blocks(stretch, size)
    lead = Fold(latest=latest, hours_from=hours_from, genuine=genuine)
    # What the newest moment before is, is not known here: whoever puts it all together compares.
    skipped, _ = _lead(lead, blocks, 0.0)
    before = lead.remembered()
    fold = Fold(latest=latest, hours_from=hours_from, genuine=genuine)
    fold.remember(before)
    _take(fold, blocks)
    return (
        skipped,
        before,
        fold.remembered(),
        {start: bare(tally) for start, tally in fold.days.items()},
        {start: bare(tally) for start, tally in fold.hours.items()},
    )


def _result(helper: subprocess.Popen[bytes]) -> _Stretch | None:
    """None where the process did not do its part."""
    data, _ = helper.communicate()
    if helper.returncode != 0:
        return None
    skipped, before, after, days, hours = marshal.loads(data)
    return _Stretch(
        skipped,
        before,
        after,
        {start: Tally(*parts) for start, parts in days.items()},
        {start: Tally(*parts) for start, parts in hours.items()},
    )
