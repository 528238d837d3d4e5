"""How well passages fit a question by the words they share: Okapi BM25 over weighted fields.

The same formula as SQLite's `bm25()`, for where SQLite has no full text search.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

K1 = 1.2
B = 0.75
#: SQLite's: a term that is in more than half of the passages still counts for something.
_LEAST_IDF = 1e-6


class WordIndex:
    """Passages by their terms. A passage is given as its fields, each a text of terms with spaces between."""

    def __init__(self, weights: Sequence[float], passages: Iterable[tuple[int, Sequence[str]]]) -> None:
        self._weights = weights
        self._postings: dict[str, list[tuple[int, float]]] = {}
        self._lengths: dict[int, int] = {}
        for id, fields in passages:
            found: Counter[str] = Counter()
            split = [field.split() for field in fields]
            for weight, words in zip(weights, split, strict=True):
                for word in words:
                    found[word] += weight  # type: ignore[assignment]  # weighted counts
            for word, count in found.items():
                self._postings.setdefault(word, []).append((id, count))
            self._lengths[id] = sum(map(len, split))
        self._mean = sum(self._lengths.values()) / max(len(self._lengths), 1)

    def count(self, term: str) -> int:
        """How many passages have a term."""
        return len(self._postings.get(term, ()))

    def search(self, wanted: Iterable[str], limit: int) -> list[tuple[int, float]]:
        """The best passages that have any of the terms, with their scores, best first."""
        scores: dict[int, float] = {}
        for term in wanted:
            postings = self._postings.get(term, ())
            idf = math.log((len(self._lengths) - len(postings) + 0.5) / (len(postings) + 0.5))
            for id, count in postings:
                length = self._lengths[id] / self._mean
                gain = max(idf, _LEAST_IDF) * count * (K1 + 1) / (count + K1 * (1 - B + B * length))
                scores[id] = scores.get(id, 0.0) + gain
        return sorted(scores.items(), key=lambda scored: (-scored[1], scored[0]))[:limit]
