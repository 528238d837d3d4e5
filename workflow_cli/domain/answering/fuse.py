"""Two rankings of passages as one, when their scores cannot be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workflow_cli.domain.answering.passage import Evidence

#: How much more the first places count than those after them; the usual value.
_SMOOTHING = 60


def fuse(*rankings: Sequence[Evidence]) -> list[Evidence]:
    """By reciprocal rank: what several rankings have near their top comes first. Scores become those sums."""
    sums: dict[str, float] = {}
    evidence: dict[str, Evidence] = {}
    for ranking in rankings:
        for place, found in enumerate(ranking, 1):
            address = found.passage.address
            sums[address] = sums.get(address, 0.0) + 1 / (_SMOOTHING + place)
            evidence.setdefault(address, found)
    fused = (replace(found, score=sums[address]) for address, found in evidence.items())
    return sorted(fused, key=lambda e: (-e.score, e.passage.path, e.passage.line))
