"""Texts as vectors by `/v1/embeddings`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.failures import ServerFailed, error_in
from workflow_cli.domain.answering.failure import FailureKind
from workflow_cli.domain.answering.tokens import estimate_tokens

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.wire import Wire

#: What is taken where the server does not tell: the window of common embedding models.
EMBEDDING_WINDOW = 512
_LEAST_WINDOW = 64
_BATCH = 32
Vector = tuple[float, ...]


async def embedded(wire: Wire, model: str, texts: Sequence[str], *, context: int, seconds: float) -> list[Vector]:
    """One vector of length 1 for each text.

    Servers cut a text that is too long for the model without a word; so it is cut here into pieces that fit, whose
    vectors are averaged by their length. A server that says that it takes less than its window gets smaller ones.
    """
    while True:
        try:
            return await _embedded(wire, model, texts, context, seconds)
        except ServerFailed as failed:
            if failed.kind is not FailureKind.CONTEXT_OVERFLOW or context <= _LEAST_WINDOW:
                raise
            context = min(context // 2, EMBEDDING_WINDOW)


async def _embedded(wire: Wire, model: str, texts: Sequence[str], context: int, seconds: float) -> list[Vector]:
    pieces = [list(_pieces(text, context)) for text in texts]
    flat = [piece for parts in pieces for piece in parts]
    vectors: list[Vector] = []
    for start in range(0, len(flat), _BATCH):
        vectors += await _batch(wire, model, flat[start : start + _BATCH], seconds)
    if len({len(vector) for vector in vectors}) > 1:
        raise _bad(wire, "the vectors differ in length")
    found, at = [], 0
    for parts in pieces:
        found.append(_average(vectors[at : at + len(parts)], [len(part) for part in parts]))
        at += len(parts)
    return found


async def _batch(wire: Wire, model: str, texts: Sequence[str], seconds: float) -> list[Vector]:
    response = await wire.post("/v1/embeddings", {"model": model, "input": list(texts)}, seconds=seconds)
    if response.status != 200 or error_in(response.body) is not None:
        raise wire.refused(response.status, response.headers, response.body)
    entries = response.body.get("data") if isinstance(response.body, Mapping) else None
    if not isinstance(entries, list) or len(entries) != len(texts):
        raise _bad(wire, f"there is not one vector for each of {len(texts)} texts")
    ordered: dict[int, Vector] = {}
    for place, entry in enumerate(entries):
        vector = _vector(entry)
        if vector is None:
            raise _bad(wire, "a vector is not a list of numbers")
        index = entry.get("index")
        ordered[index if isinstance(index, int) else place] = vector
    if sorted(ordered) != list(range(len(texts))):
        raise _bad(wire, "the vectors are numbered wrongly")
    return [ordered[index] for index in range(len(texts))]


def _vector(entry: Any) -> Vector | None:
    values = entry.get("embedding") if isinstance(entry, Mapping) else None
    if not isinstance(values, list) or not values:
        return None
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in values):
        return None
    return tuple(map(float, values))


def _pieces(text: str, context: int) -> Iterator[str]:
    """`text` in pieces of at most `context` tokens, some kept free for the model's own marks; at least one."""
    room = max(8, context - 8)
    if estimate_tokens(text) <= room or len(text) < 2:
        yield text or " "
        return
    middle = len(text) // 2
    space = text.rfind(" ", middle // 2, middle)
    cut = space if space > 0 else middle
    yield from _pieces(text[:cut], context)
    yield from _pieces(text[cut:], context)


def _average(vectors: Sequence[Vector], weights: Sequence[int]) -> Vector:
    sums = [math.fsum(v * w for v, w in zip(column, weights, strict=True)) for column in zip(*vectors, strict=True)]
    length = math.sqrt(math.fsum(value * value for value in sums))
    return tuple(value / length for value in sums) if length else tuple(sums)


def _bad(wire: Wire, message: str) -> ServerFailed:
    return ServerFailed(FailureKind.BAD_REPLY, message, where=wire.address.label, status=200)
