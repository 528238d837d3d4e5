"""Parts of a log into one fold; a long log by several processes, each of which reads a stretch of it.

A process that begins in the middle does not know what came before. It reads on until everything that came before no
longer matters, and notes what it remembers there. Whoever read the stretch before goes on to the same place; where both
remember the same, the tallies of both are simply added. Where not, the stretch is read again, in order: so the result is
always that of reading line by line.
"""

from __future__ import annotations

import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.adapters.metrics_log.files import Part, open_log
from workflow_cli.adapters.metrics_log.lines import LONGEST_LINE, take_block
from workflow_cli.domain.feedback.fold import REASKED_SECONDS, Fold
from workflow_cli.domain.feedback.tally import Tally, from_plain, plain
from workflow_cli.domain.improvement.window import DISORDER_SECONDS

#: How much is decoded at a time; all processes of a reading agree on it.
BLOCK = 1 << 20
#: Fewer bytes than this for each process are read faster than a process starts.
LEAST_SHARE = 24 * 1024 * 1024
_SETTLED_SECONDS = 2 * DISORDER_SECONDS + 2 * REASKED_SECONDS


def read_parts(fold: Fold, parts: Sequence[Part], *, processes: int | None = None, least: int = LEAST_SHARE) -> None:
    """Take every line of the parts, in order. Raises DocumentError."""
    size = sum(part.end - part.start for part in parts)
    count = max(1, min(os.cpu_count() or 1 if processes is None else processes, 8, size // max(1, least)))
    enabled = gc.isenabled()
    gc.disable()  # millions of small objects, none of them in a circle
    try:
        if count == 1:
            _read(fold, parts)
        else:
            _read_together(fold, _stretches(parts, size, count))
    finally:
        if enabled:
            gc.enable()


def _read(fold: Fold, parts: Sequence[Part]) -> None:
    for block in _blocks(parts, BLOCK):
        take_block(fold, block)


def _blocks(parts: Sequence[Part], size: int) -> Iterator[bytes]:
    """Whole lines, about a megabyte at a time; a line that is far too long is cut, and so no event."""
    for part in parts:
        descriptor = open_log(part.path)
        try:
            at, rest = part.start, b""
            while at < part.end:
                data = os.pread(descriptor, min(size, part.end - at), at)
                if not data:
                    break  # it was made shorter meanwhile
                at += len(data)
                cut = data.rfind(b"\n") + 1
                if cut:
                    yield rest + data[:cut]
                    rest = data[cut:]
                elif len(rest) <= LONGEST_LINE:
                    rest += data
            if rest:
                yield rest + b"\n"
        finally:
            os.close(descriptor)


def _stretches(parts: Sequence[Part], size: int, count: int) -> list[list[Part]]:
    """About as many bytes in each, cut where a line begins."""
    share = size // count + 1
    stretches: list[list[Part]] = [[]]
    # Who reads the first puts everything together afterwards, while the others start up meanwhile.
    room = share * 24 // 25
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


def _read_together(fold: Fold, stretches: Sequence[Sequence[Part]]) -> None:
    helpers = [_start(fold, stretch) for stretch in stretches[1:]]
    try:
        _read(fold, stretches[0])
        for helper, stretch in zip(helpers, stretches[1:], strict=True):
            told = _result(helper)
            blocks = _blocks(stretch, BLOCK)
            if told is not None:
                for _ in range(told.skipped):
                    take_block(fold, next(blocks))
                if fold.remembered() == told.before:
                    fold.go_on_with(told.days, told.hours, told.after)
                    continue
            for block in blocks:
                take_block(fold, block)
    finally:
        for helper in helpers:
            if helper.poll() is None:
                helper.kill()
                helper.wait()
            if helper.stdout is not None:
                helper.stdout.close()


def _start(fold: Fold, stretch: Sequence[Part]) -> subprocess.Popen[bytes]:
    """The same interpreter with the same paths; what it is to read comes on its stdin."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    task = (
        list(sys.path),
        fold.latest,
        fold.hours_from,
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
    latest: float, hours_from: int, size: int, parts: Sequence[tuple[str, int, int]]
) -> tuple[object, ...]:
    """What a helping process does with its stretch, as numbers, texts and lists."""
    gc.disable()
    stretch = [Part(path=path, start=start, end=end) for path, start, end in parts]
    blocks = _blocks(stretch, size)
    lead = Fold(latest=latest, hours_from=hours_from)
    skipped, first = 0, 0.0
    for block in blocks:
        take_block(lead, block)
        skipped += 1
        first = first or lead.newest
        if lead.newest >= first + _SETTLED_SECONDS:
            break
    before = lead.remembered()
    fold = Fold(latest=latest, hours_from=hours_from)
    fold.remember(before)
    for block in blocks:
        take_block(fold, block)
    return (
        skipped,
        before,
        fold.remembered(),
        {start: plain(tally) for start, tally in fold.days.items()},
        {start: plain(tally) for start, tally in fold.hours.items()},
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
        {start: from_plain(lists) for start, lists in days.items()},
        {start: from_plain(lists) for start, lists in hours.items()},
    )
