"""Places that were found or lost, as facts to count: no thing that is asked about counts more than a few times."""

from __future__ import annotations

from collections import Counter

from workflow_cli.domain.improvement.replayed import Placed

#: A place has to move by so much credit to count: to come among the passages, or to leave them. Most smaller moves are of places
#: that are only likely, known from the order in which passages were shown, which any other order disturbs.
_TELLS = 0.4
#: So often counts a cluster, in however many wordings and on however many days it is asked. One alone never comes to
#: the evidence that a keep takes; how seldom wrong names come to it: docs/improvement-figures.md.
_OF_A_CLUSTER = 5


class Facts:
    """Of one comparison, told one after the other."""

    def __init__(self) -> None:
        self._told: Counter[str] = Counter()

    def sign(self, placed: Placed, credit: float) -> int:
        """1 or -1 where this much more credit is a fact, and 0 where it is none, or said often enough."""
        sign = (credit >= _TELLS) - (credit <= -_TELLS)
        if not sign or self._told[placed.cluster] == _OF_A_CLUSTER:
            return 0
        self._told[placed.cluster] += 1
        return sign
