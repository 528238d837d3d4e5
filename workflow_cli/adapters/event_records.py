"""Lines of the event log as records, decoded when they are looked at: of a long log, most are never."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import msgspec

#: Several times as fast as `json`, and stricter: see `_record`.
_decode = msgspec.json.Decoder().decode


class EventRecords(Sequence[Mapping[str, Any] | None]):
    """None stands for a line that is no JSON object."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Mapping[str, Any] | None]:
        return map(_record, self._lines)

    @overload
    def __getitem__(self, place: int) -> Mapping[str, Any] | None: ...
    @overload
    def __getitem__(self, place: slice) -> EventRecords: ...
    def __getitem__(self, place: int | slice) -> Mapping[str, Any] | EventRecords | None:
        return EventRecords(self._lines[place]) if isinstance(place, slice) else _record(self._lines[place])


def _record(line: bytes) -> Mapping[str, Any] | None:
    """What `json` makes of it: it has the last word on all that the stricter decoder refuses, such as NaN or half a pair of surrogates."""
    try:
        value = _decode(line)
    except (ValueError, RecursionError):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None
