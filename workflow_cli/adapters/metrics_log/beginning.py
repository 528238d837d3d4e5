"""When a log begins: of what was before, nobody can tell any more whether it happened."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from workflow_cli.adapters.metrics_log.blocks import blocks_of
from workflow_cli.adapters.metrics_log.files import Part
from workflow_cli.adapters.metrics_log.recent import moments_of

#: As many lines as differing clocks may have put out of order.
_FIRST = 1 << 16


def beginning(files: Sequence[Path]) -> float:
    """The oldest moment of the first lines; infinite where no line names one. Raises DocumentError."""
    parts = [Part(path=str(file), start=0, end=sys.maxsize) for file in files]
    for block in blocks_of(parts, _FIRST):
        if moments := list(moments_of(bytes(block))):
            return min(moments).timestamp()
    return math.inf
