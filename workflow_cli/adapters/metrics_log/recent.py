"""Of a log that is much longer than what is asked about, only the end is counted, where that changes no number.

What came before matters through what is remembered of it, and that is settled some hours on, whatever it was, unless an
event before was later than those after. So the moments of all lines before are looked at, which takes a sixth of the
time that counting them would; and where they do not rule that out, everything is counted.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from workflow_cli.adapters.metrics_log.blocks import line_from, size_of
from workflow_cli.adapters.metrics_log.files import Part, open_log
from workflow_cli.adapters.metrics_log.lines import NO_EVENT, Moment

#: How much faster a line is looked at than counted.
LOOKED_AT = 6
_NEAR = 1 << 20
_PROBE = 1 << 16
_MOMENTS = msgspec.json.Decoder(Moment)


def parted(parts: Sequence[Part], moment: float, *, least: int) -> tuple[list[Part], list[Part]]:
    """What was written before the moment, about, and the rest. All of it is the rest where fewer bytes than `least` were."""
    low, high = 0, size_of(parts)
    while high - low > _NEAR:
        middle = (low + high) // 2
        found = _moment_at(parts, middle)
        if found is None:
            return [], list(parts)
        low, high = (middle, high) if found < moment else (low, middle)
    if low < least:
        return [], list(parts)
    before: list[Part] = []
    after: list[Part] = []
    for part in parts:
        length = part.end - part.start
        if low >= length:
            before.append(part)
        elif low <= 0:
            after.append(part)
        else:
            middle = line_from(part, part.start + low)
            before.append(Part(path=part.path, start=part.start, end=middle))
            after.append(Part(path=part.path, start=middle, end=part.end))
        low -= length
    return before, [part for part in after if part.end > part.start]


def _moment_at(parts: Sequence[Part], at: int) -> float | None:
    """When the first event after a place was; None where there is none nearby."""
    for part in parts:
        length = part.end - part.start
        if at < length:
            descriptor = open_log(part.path)
            try:
                data = os.pread(descriptor, min(_PROBE, length - at), part.start + at)
            finally:
                os.close(descriptor)
            for line in data.split(b"\n")[1:-1]:
                try:
                    return _MOMENTS.decode(line).ts.timestamp()
                except NO_EVENT:
                    continue
            return None
        at -= length
    return None


def newest_of(blocks: Iterable[memoryview], latest: float) -> tuple[float, float]:
    """Of the moments of all lines that name one, the last that is not after `latest`, and the first that is."""
    newest, ahead = -math.inf, math.inf
    for block in blocks:
        try:
            moments = [event.ts for event in _MOMENTS.decode_lines(block)]
        except NO_EVENT:
            moments = list(moments_of(bytes(block)))
        if moments and (last := max(moments).timestamp()) > newest:
            if last <= latest:
                newest = last
                continue
            for moment in moments:
                at = moment.timestamp()
                newest, ahead = (max(newest, at), ahead) if at <= latest else (newest, min(ahead, at))
    return newest, ahead


def moments_of(block: bytes) -> Iterator[datetime]:
    """Of those lines that name one."""
    for line in block.split(b"\n"):
        try:
            yield _MOMENTS.decode(line).ts
        except NO_EVENT:
            continue
