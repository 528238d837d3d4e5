"""The passages for a question by their words and, where an embedding model is loaded, by their meaning too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from workflow_cli.app.answering.ports import Embedder, PassageIndex
from workflow_cli.domain.answering.failure import AnswererFailed
from workflow_cli.domain.answering.fuse import fuse

if TYPE_CHECKING:
    from workflow_cli.domain.answering.passage import Evidence

Vector = Sequence[float]

#: Nobody tells which model made a vector; the same model gives this text the same one.
PROBE = "The system SHALL know which model this is."
_POOL = 30
_BATCH = 32
_LETTERS = 2_000
"""Of a passage; what it is about is at its beginning, and embedding models read little more."""


class VectorIndex(PassageIndex, Protocol):
    """A passage index that keeps vectors, by section hash and model, and finds passages by them."""

    def model_like(self, probe: Vector) -> int:
        """The number of the model that gave `PROBE` this vector; a new one for a model not seen before."""
        ...

    def without_vector(self, model: int, *, limit: int) -> Sequence[tuple[str, str]]:
        """Section hash and text of passages that have no vector of the model yet, archived ones last."""
        ...

    def keep_vectors(self, model: int, vectors: Mapping[str, Vector]) -> None: ...

    def nearest(
        self, question: str, vector: Vector, *, model: int, limit: int, change: str | None = None
    ) -> Sequence[Evidence]:
        """As `search`, ranked by how near the vectors are; `coverage` is still that of the words.

        Nothing where the vectors have no more to do with the question than chance has.
        """
        ...


class FindEvidence:
    """`elapsed` is a clock in seconds; vectors of new passages are made for at most `seconds` of a question's time.

    A tree gets its vectors over several questions; until then what has none is found by its words.
    """

    def __init__(
        self,
        index: VectorIndex,
        embedder: Embedder | None,
        *,
        elapsed: Callable[[], float],
        seconds: float = 2.0,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._elapsed = elapsed
        self._seconds = seconds
        self.degraded: str | None = None

    async def find(self, question: str, *, limit: int, change: str | None = None) -> Sequence[Evidence]:
        """The best passages, best first. A server that fails costs its signal and nothing else: see `degraded`."""
        by_words = self._index.search(question, limit=max(limit, _POOL), change=change)
        if self._embedder is None:
            return by_words[:limit]
        try:
            by_meaning = await self._by_meaning(self._embedder, question, change)
        except AnswererFailed as failure:
            self.degraded = f"passages were found by their words alone: {failure}"
            return by_words[:limit]
        return fuse(by_words, by_meaning)[:limit] if by_meaning else by_words[:limit]

    async def _by_meaning(self, embedder: Embedder, question: str, change: str | None) -> Sequence[Evidence]:
        vectors = await embedder.embed([PROBE, question[:_LETTERS]])
        if vectors is None:
            return ()
        probe, asked = vectors
        model = self._index.model_like(probe)
        await self._catch_up(embedder, model)
        return self._index.nearest(question, asked, model=model, limit=_POOL, change=change)

    async def _catch_up(self, embedder: Embedder, model: int) -> None:
        until = self._elapsed() + self._seconds
        while self._elapsed() < until:
            batch = self._index.without_vector(model, limit=_BATCH)
            if not batch:
                return
            vectors = await embedder.embed([text[:_LETTERS] for _, text in batch])
            if vectors is None:
                return
            hashes = [section_hash for section_hash, _ in batch]
            self._index.keep_vectors(model, dict(zip(hashes, vectors, strict=True)))
