"""How fast the machine is while something is measured.

Seconds say little without the machine. The reference is the one of docs/benchmarks.md of 26 November 2026, two cores of a
Xeon, where `openspec --version` took REFERENCE seconds. That command is run between the measurements, so that
a moment in which the machine is slow slows both. What it does has nothing in common with what is measured, so no change
of ours can make it slower.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from measure import Command, run
from places import OPENSPEC

#: Seconds, the median of 15 runs.
REFERENCE = 0.280


class Pace:
    """Takes the yardstick's time again at each `step`. Raises Broken."""

    def __init__(self, directory: Path) -> None:
        self._command = Command(name="`openspec --version`", arguments=[OPENSPEC, "--version"], directory=directory)
        self._seconds: list[float] = []
        run(self._command)  # the first is of a cold disk

    def step(self) -> None:
        self._seconds.append(run(self._command)[0])

    @property
    def slower(self) -> float:
        """How many times as long the yardstick takes here; at least 1: of a faster machine nothing is said."""
        return max(1.0, statistics.median(self._seconds) / REFERENCE)
