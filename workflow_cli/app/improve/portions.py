"""The log of events to its end, in portions, so that no more of it is in memory at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_cli.app.improve.ports import Traffic


def portions(traffic: Traffic, position: int) -> Iterator[tuple[Sequence[Mapping[str, Any] | None], int]]:
    """Each with the position after it."""
    while True:
        records, end = traffic.read(position)
        yield records, end
        if end == position:
            return
        position = end
