"""Whose verdicts count, and how many of them: no client may decide for the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from workflow_cli.domain.improvement.judgement import Suggestion, Verdict

_Said = TypeVar("_Said", Verdict, Suggestion)

#: The largest share of the verdicts that are used which one of many clients may have given, and how many are free of that.
MOST_SHARE = 0.25
FREE = 3
_ENOUGH = 10
_FAR = 0.35


def share_of_one(clients: int) -> float:
    """Of so many clients, one may give one and a half times its even share of the verdicts that count, or a quarter where
    that is less: where a single person works alone, all verdicts are that person's."""
    return max(MOST_SHARE, 1.5 / max(1, clients))


def fair(verdicts: Sequence[_Said], *, clients: int | None = None) -> list[_Said]:
    """Those that count, in the order given: all of a client who gave no more than its share, and of another so many, evenly
    from the first to the last. `clients` are all there are, where others said something of something else.

    How many is the same for any order. Whoever rejects first and accepts later in one sitting is heard for both.
    """
    given = Counter(verdict.client for verdict in verdicts)
    share = share_of_one(len(given) if clients is None else clients)
    most = max(given.values(), default=0)
    while (fewer := max(FREE, math.floor(share * sum(min(most, count) for count in given.values())))) < most:
        most = fewer
    found: list[_Said] = []
    before: Counter[str] = Counter()
    for verdict in verdicts:
        count, number = given[verdict.client], before[verdict.client]
        before[verdict.client] += 1
        if count <= most or (number + 1) * most // count > number * most // count:
            found.append(verdict)
    return found


class Caps:
    """Takes verdicts on answers one by one as they come, and says whether each may count.

    They decide by comparing two ways to answer, and for which of them a verdict is has nothing to do with when it came. Where
    the level alone decides, as with findings, see `fair`.
    """

    def __init__(self, clients: int) -> None:
        self._share = share_of_one(clients)
        self._of: Counter[str] = Counter()
        self._total = 0

    def takes(self, client: str) -> bool:
        # The share is of what would count then; others have to catch up before this client is heard again.
        if self._of[client] + 1 > max(FREE, self._share * (self._total + 1)):
            return False
        self._of[client] += 1
        self._total += 1
        return True


def clients_of(verdicts: Iterable[Verdict | Suggestion]) -> int:
    return len({verdict.client for verdict in verdicts})


def distrusted(verdicts: Iterable[Verdict | Suggestion]) -> frozenset[str]:
    """Clients who reject nearly everything, or accept it, where the others do not.

    Their rate of acceptance has to be near 0 or 1 and far from the median of the others', on ten verdicts or more.
    """
    accepted: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for verdict in verdicts:
        given[verdict.client] += 1
        accepted[verdict.client] += verdict.accepted
    rates = {client: accepted[client] / count for client, count in given.items()}
    found = set()
    for client, count in given.items():
        others = sorted(rates[other] for other in given if other != client and given[other] >= FREE)
        if count < _ENOUGH or len(others) < 2:
            continue
        middle = others[len(others) // 2]
        sure = 2 * math.sqrt(0.25 / count)
        if (rates[client] <= 0.15 and middle - rates[client] > max(_FAR, sure)) or (
            rates[client] >= 0.98 and rates[client] - middle > max(_FAR, sure)
        ):
            found.add(client)
    return frozenset(found)
