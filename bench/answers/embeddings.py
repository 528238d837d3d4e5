"""What a second ranking by vectors does to the first by words: `python bench/answers/embeddings.py`.

No embedding model is at hand whose quality is known, so three are made: *noise* has nothing to do with its texts,
*letters* counts pieces of three letters and knows less than words do, *knowing* adds to that which requirement a text or
question is about, as strong as all the rest. The path is the one of `workflow ask`, from the vectors in the database to
the fusion of both rankings.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from questions import Asked, Case, cases
from trees import CORPUS, Tree, requirement_of, trees

from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.app.answering.find_evidence import FindEvidence

SIZE = 128
#: Small enough to be made in a minute; two of them are not English.
TREES = ("talmolab", "runtime-env", "JNZader", "hawk86104", "dong0926", "eddieland", "Jackela")
_KNOWN = 200


class Noise:
    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return list(map(self.vector, texts))

    def vector(self, text: str) -> list[float]:
        return _direction(text)


class Letters(Noise):
    def vector(self, text: str) -> list[float]:
        vector, small = [0.0] * SIZE, text.lower()[:1_500]
        for start in range(len(small) - 2):
            number = int.from_bytes(hashlib.blake2b(small[start : start + 3].encode(), digest_size=8).digest(), "big")
            vector[number % SIZE] += 1 if number >> 40 & 1 else -1
        return _unit(vector)


class Knowing(Letters):
    """`about` names the requirement of a text by its beginning."""

    def __init__(self, about: Mapping[str, str]) -> None:
        self._about = about

    def vector(self, text: str) -> list[float]:
        own, about = super().vector(text), self._about.get(text[:_KNOWN])
        return own if about is None else [a + b for a, b in zip(own, _direction(about), strict=True)]


def _direction(text: str) -> list[float]:
    chance = random.Random(text)
    return _unit([chance.gauss(0, 1) for _ in range(SIZE)])


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(sum(x * x for x in vector)) or 1.0
    return [x / length for x in vector]


def main() -> int:
    if not CORPUS.is_dir():
        print("error: the corpus of trees is not there", file=sys.stderr)
        return 3
    every = trees()
    ranks: dict[tuple[str, str], list[int]] = {}
    for tree in every:
        if tree.name.startswith(TREES):
            for case in cases(tree, every)[:2]:
                asked = [one for one in case.asked if one.gold][::2]
                for name, found in _ranks(tree, case, asked).items():
                    for one, rank in zip(asked, found, strict=True):
                        ranks.setdefault((one.kind, name), []).append(rank)
    for (kind, name), found in sorted(ranks.items()):
        shares = " / ".join(f"{sum(0 < rank <= most for rank in found) / len(found):.1%}" for most in (1, 3, 5))
        print(f"{kind:12}{name:10}{len(found):5}  @1 / @3 / @5 {shares}")
    return 0


def _ranks(tree: Tree, case: Case, asked: Sequence[Asked]) -> dict[str, list[int]]:
    about = {p.text[:_KNOWN]: str(part) for p in tree.passages if (part := requirement_of(p))}
    about |= {one.text[:_KNOWN]: str(one.gold) for one in asked}
    models = {"words": None, "noise": Noise(), "letters": Letters(), "knowing": Knowing(about)}
    found: dict[str, list[int]] = {}
    with tempfile.TemporaryDirectory(prefix="workflow-embeddings-") as directory:
        root = Path(directory)
        for path, data in case.documents.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        for name, model in models.items():
            index = SqlitePassageIndex(root, None, max_file_bytes=10 << 20)
            index.refresh()
            finder = FindEvidence(index, model, elapsed=lambda: 0.0)
            found[name] = [_rank(finder, one) for one in asked]
            index.close()
    return found


def _rank(finder: FindEvidence, asked: Asked) -> int:
    evidence = asyncio.run(finder.find(asked.text, limit=8))
    places = (place for place, e in enumerate(evidence, 1) if requirement_of(e.passage) == asked.gold)
    return next(places, 0)


if __name__ == "__main__":
    sys.exit(main())
