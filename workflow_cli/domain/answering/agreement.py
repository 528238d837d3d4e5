"""Whether the vectors of an embedding model have anything to do with a question."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

#: By chance, one question in a hundred comes so far.
_AGREES = 2.33
#: Of fewer nothing can be told.
_LEAST = 3


def agrees(near: Mapping[int, float], by_words: Collection[int]) -> bool:
    """Whether passages that share words with a question are nearer to it than the others, more than by chance.

    `near` holds how near each passage is, `by_words` the passages that words found. A model that knows the language
    puts these before most others, though it would not choose the same first; one that gives noise does not, and would
    take every second answer away. By Mann and Whitney's test. True where there is too little to tell.
    """
    order = sorted(near, key=lambda id: near[id])
    places = [place for place, id in enumerate(order) if id in by_words]
    found, others = len(places), len(order) - len(places)
    if min(found, others) < _LEAST:
        return True
    before = sum(places) - found * (found - 1) / 2
    return (before / (found * others) - 0.5) / math.sqrt((found + others + 1) / (12 * found * others)) >= _AGREES
