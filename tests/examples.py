"""How many examples the properties get of which each one costs much: with WORKFLOW_LONG_TESTS=1 all, else a third."""

from __future__ import annotations

import os


def examples(count: int) -> int:
    return count if os.environ.get("WORKFLOW_LONG_TESTS") else count // 3
