"""Places that were found or lost, as facts to count: no question counts too often, and neither does what is asked of one thing."""

from __future__ import annotations

from collections import Counter

from workflow_cli.domain.improvement.replayed import Placed

#: A place has to move by so much credit to count: to come among the passages, or to leave them. Most smaller moves are of places
#: that are only likely, known from the order in which passages were shown, which any other order disturbs.
_TELLS = 0.4
#: So often counts a question, asked on several days, and so often its cluster, however many wordings it has.
_OF_A_QUESTION = 2
_OF_A_CLUSTER = 3


class Facts:
    """Of one comparison, told one after the other."""

    def __init__(self) -> None:
        self._questions: Counter[tuple[str, str]] = Counter()
        self._clusters: Counter[str] = Counter()

    def sign(self, placed: Placed, credit: float) -> int:
        """1 or -1 where this much more credit is a fact, and 0 where it is none, or said often enough."""
        sign = (credit >= _TELLS) - (credit <= -_TELLS)
        question = (placed.cluster, placed.question)
        if not sign or self._questions[question] == _OF_A_QUESTION or self._clusters[placed.cluster] == _OF_A_CLUSTER:
            return 0
        self._questions[question] += 1
        self._clusters[placed.cluster] += 1
        return sign
