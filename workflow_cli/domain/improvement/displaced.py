"""What is pushed aside where a section is added: questions whose place would no longer be among the passages.

Where nobody knows the place of a question, it is taken to stand as far up as the places that are known do: what falls out at the
end of the passages is seldom what was sought, and how seldom is counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from workflow_cli.domain.improvement.replayed import Placed, places_of
from workflow_cli.domain.improvement.summary import Summary

Passages = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Loss:
    """How many questions are expected to lose their place, of how many that have it now."""

    lost: float
    held: float


def asked_elsewhere(seen: Summary, clusters: Collection[str], most: int) -> list[Placed]:
    """The newest questions of other clusters, each once; `places` is empty where nobody knows any.

    A cluster that people answered in their own words, and without a place, has none to lose.
    """
    places = places_of(seen)
    homeless = {r.cluster for r in seen.references if r.answer and not r.cites}
    found: dict[str, Placed] = {}
    for asked in reversed(seen.reached):
        if len(found) == most:
            break
        if asked.cluster in clusters or asked.question in found:
            continue
        known = places.get(("", asked.cluster)) or places.get((asked.kind, asked.question))
        if known is None and asked.cluster in homeless:
            continue
        found[asked.question] = Placed(
            id=asked.id, kind=asked.kind, cluster=asked.cluster, question=asked.question, places=known or {}
        )
    return list(found.values())


def loss(others: Sequence[Placed], before: Passages, after: Passages) -> Loss:
    """`before` and `after` give the passages of each question that could be sought, best first."""
    sought = [one for one in others if one.question in before and one.question in after]
    ranks = _ranks([(one.places, before[one.question]) for one in sought if one.places])
    lost = held = 0.0
    for one in sought:
        there = set(after[one.question])
        for rank, place in enumerate(before[one.question]):
            chance = one.places.get(place, 0.0) if one.places else ranks.get(rank, 0.0)
            held += chance
            lost += chance * (place not in there)
    return Loss(lost, held)


def _ranks(known: Sequence[tuple[Mapping[str, float], Sequence[str]]]) -> dict[int, float]:
    """How likely it is that the place stands at each rank; as one more that may stand anywhere, where few are known."""
    found: dict[int, float] = defaultdict(float)
    for places, passages in known:
        for rank, place in enumerate(passages):
            found[rank] += places.get(place, 0.0)
    deepest = max((len(passages) for _, passages in known), default=0)
    return {rank: (found[rank] + 1 / deepest) / (len(known) + 1) for rank in range(deepest)}
