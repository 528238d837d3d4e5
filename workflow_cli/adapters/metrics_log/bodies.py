"""Tallies as bytes, as they are kept, and as one process hands them to another.

Whoever counted packs; they are unpacked only where somebody looks at them, or where more is to be added to one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from workflow_cli.domain.feedback.fold import Fold
from workflow_cli.domain.feedback.tally import DAY, HOUR, Tally, from_plain, from_rows, plain, total

#: By span and first second.
Bodies = dict[tuple[int, int], bytes]
#: A span that is longer than a day by a second or more is a sum: of so many seconds less one, all of which are over.
#: This is the one of the hours of a day: it is looked at in their place where whole days are asked for.
SUMMED = DAY + 1
#: What unpacking bytes of somebody else's raises.
NOT_OURS = (msgspec.DecodeError, ValueError, TypeError, LookupError, OverflowError)
_ENCODE = msgspec.msgpack.encode
_DECODE = msgspec.msgpack.decode
#: Where these stand in the lists of a tally. What is of changes is bytes of its own, for it is much, and seldom looked at.
_ROWS, _CHANGES = (Tally.__slots__.index(name) for name in ("rows", "changes"))


class Wanted(NamedTuple):
    """What is unpacked of a tally: the keys of answers, what is of changes, and the `rest` beside the rows."""

    answers: bool = True
    changes: bool = True
    rest: bool = True


ALL = Wanted()


def packed(tally: Tally) -> bytes:
    lists = plain(tally)
    lists[_CHANGES] = _ENCODE(lists[_CHANGES])
    return _ENCODE(lists)


def unpacked(body: bytes, what: Wanted = ALL) -> Tally:
    """Raises one of NOT_OURS."""
    lists: list[Any] = _DECODE(body)
    if not what.rest:
        return Tally(rows=from_rows(lists[_ROWS]))
    lists[_CHANGES] = _DECODE(lists[_CHANGES]) if what.changes else []
    return from_plain(lists, with_answers=what.answers)


def pack_all(fold: Fold) -> Bodies:
    """Pack the tallies of the fold, which goes on without them; with them the sums of days that others follow."""
    tallies = fold.let_go()
    bodies = {key: packed(tally) for key, tally in tallies.items()}
    hours = [start for span, start in tallies if span == HOUR]
    newest = max(hours, default=0)
    for day in {start // DAY * DAY for start in hours if start // DAY * DAY + DAY <= newest}:
        whole = total(tallies[HOUR, start] for start in range(day, day + DAY, HOUR) if (HOUR, start) in tallies)
        bodies[SUMMED, day] = packed(whole)
    return bodies


def together(fold: Fold, many: Iterable[Bodies]) -> Bodies:
    """All of them. Where several have something of the same time, it is added to what the fold has, which is not among them."""
    tallies = fold.tallies
    of: dict[tuple[int, int], list[bytes]] = {}
    counted: dict[int, int] = {}
    for bodies in [dict.fromkeys(tallies, b""), *many]:
        for key, body in bodies.items():
            of.setdefault(key, []).append(body)
        for day in {start // DAY * DAY for span, start in bodies if span == HOUR}:
            counted[day] = counted.get(day, 0) + 1
    whole: Bodies = {}
    for (span, start), parts in of.items():
        if span == SUMMED and counted[start] > 1:
            continue  # each is of a part of the day
        if len(parts) == 1 and (span, start) not in tallies:
            whole[span, start] = parts[0]
        else:
            tally = tallies.setdefault((span, start), Tally())
            for body in filter(None, parts):
                tally.add(unpacked(body))
    return whole
