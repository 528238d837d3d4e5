"""Which clusters of questions are about nearly the same thing: most of what the one asks about, the other does too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

#: Of all that two clusters ask about, so much has to be in both.
_LEAST_ALIKE = 0.6


def groups(words: Mapping[str, Set[str]]) -> list[list[str]]:
    """Clusters that belong together, each with those that came before it; the first of a group leads it, in the order given.

    Only the leader is compared: of a chain of questions, each like the next, the ends may have nothing in common. One without
    words is like no other.
    """
    found: dict[str, list[str]] = {}
    leaders_with: dict[str, list[str]] = defaultdict(list)
    for cluster, own in words.items():
        shared: dict[str, int] = defaultdict(int)
        for word in own:
            for leader in leaders_with[word]:
                shared[leader] += 1
        likeness = {one: both / (len(own) + len(words[one]) - both) for one, both in shared.items()}
        best = max(likeness, key=lambda one: likeness[one], default=None)
        if best is not None and likeness[best] >= _LEAST_ALIKE:
            found[best].append(cluster)
            continue
        found[cluster] = [cluster]
        for word in own:
            leaders_with[word].append(cluster)
    return list(found.values())
