"""Words find what they are in; vectors add what says it in other words; a server that fails takes nothing away."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import pytest

from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.app.answering.find_evidence import PROBE, FindEvidence
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.fuse import fuse

SPEC = """\
### Requirement: Vehicles
An automobile SHALL have a licence plate.

### Requirement: Animals
A zebra SHALL have stripes.

### Requirement: Colours
A stripe SHALL be black or white, and a car SHALL not count.
"""


class Concepts:
    """A model that knows a few words of the same meaning: each meaning is one direction."""

    MEANINGS = (("car", "automobile", "vehicle"), ("zebra", "animal"), ("stripe",), ("model",))

    def __init__(self, turned: int = 0) -> None:
        self.texts: list[str] = []
        self.fails: AnswererFailed | None = None
        self.loaded = True
        self._turned = turned

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        if self.fails:
            raise self.fails
        if not self.loaded:
            return None
        self.texts += texts
        vectors = [[float(sum(t.lower().count(w) for w in words)) for words in self.MEANINGS] for t in texts]
        return [vector[self._turned :] + vector[: self._turned] for vector in vectors]


@pytest.fixture
def index(tmp_path: Path) -> SqlitePassageIndex:
    path = tmp_path / "openspec/specs/a/spec.md"
    path.parent.mkdir(parents=True)
    path.write_text(SPEC)
    found = SqlitePassageIndex(tmp_path, tmp_path / ".workflow/state.db", max_file_bytes=1 << 20)
    found.refresh()
    return found


def standing() -> float:
    return 0.0


def titles(find: FindEvidence, question: str) -> list[str]:
    return [e.passage.title for e in asyncio.run(find.find(question, limit=3))]


def test_without_a_model_words_decide(index: SqlitePassageIndex) -> None:
    assert titles(FindEvidence(index, None, elapsed=standing), "licence plate") == ["Requirement: Vehicles"]


def test_a_model_finds_what_says_it_in_other_words(index: SqlitePassageIndex) -> None:
    assert titles(FindEvidence(index, None, elapsed=standing), "car") == ["Requirement: Colours"]
    assert "Requirement: Vehicles" in titles(FindEvidence(index, Concepts(), elapsed=standing), "car")


def test_a_passage_gets_its_vector_once(index: SqlitePassageIndex) -> None:
    model = Concepts()
    find = FindEvidence(index, model, elapsed=standing)
    titles(find, "car")
    before = len(model.texts)
    titles(find, "car")
    assert model.texts[before:] == [PROBE, "car"]


def test_vectors_of_another_model_are_not_mixed_in(index: SqlitePassageIndex) -> None:
    titles(FindEvidence(index, Concepts(), elapsed=standing), "car")
    other = Concepts(turned=1)
    assert "Requirement: Vehicles" in titles(FindEvidence(index, other, elapsed=standing), "car")
    assert len(other.texts) > 2


def test_vectors_of_passages_that_are_gone_go(index: SqlitePassageIndex, tmp_path: Path) -> None:
    find = FindEvidence(index, Concepts(), elapsed=standing)
    titles(find, "car")
    (tmp_path / "openspec/specs/a/spec.md").write_text("### Requirement: Vehicles\nAn automobile SHALL honk.\n")
    index.refresh()
    titles(find, "car")
    kept = index._connection.execute("SELECT count(*) FROM passage_vector").fetchone()
    assert kept == (1,)


def test_making_vectors_ends_with_its_time(index: SqlitePassageIndex) -> None:
    model = Concepts()
    clock: Callable[[], float] = count(0.0, 10.0).__next__
    titles(FindEvidence(index, model, elapsed=clock, seconds=5), "car")
    assert model.texts == [PROBE, "car"]


def test_a_model_that_is_not_loaded_or_fails_costs_only_its_signal(index: SqlitePassageIndex) -> None:
    model = Concepts()
    model.loaded = False
    find = FindEvidence(index, model, elapsed=standing)
    assert titles(find, "car") == ["Requirement: Colours"]
    assert find.degraded is None
    model.fails = AnswererFailed(FailureKind.UNREACHABLE, "nobody listens")
    assert titles(find, "car") == ["Requirement: Colours"]
    assert "nobody listens" in (find.degraded or "")


def test_what_both_rankings_have_comes_first(index: SqlitePassageIndex) -> None:
    evidence = list(index.search("car stripe zebra automobile", limit=3))
    first, second, third = evidence
    assert fuse([first, second], [third, second])[0].passage == second.passage


def test_a_database_that_another_process_holds_costs_the_kept_vectors_only(
    index: SqlitePassageIndex, tmp_path: Path
) -> None:
    find = FindEvidence(index, Concepts(), elapsed=standing)
    index._connection.execute("PRAGMA busy_timeout = 50")
    holder = sqlite3.connect(tmp_path / ".workflow/state.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert "Requirement: Colours" in titles(find, "car")
    assert any("in memory" in reason for reason in index.refresh())
    holder.close()


class Noise:
    """An embedding model that has nothing to do with its texts."""

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        chances = map(random.Random, texts)
        return [[chance.gauss(0, 1) for _ in range(64)] for chance in chances]


def test_noise_takes_nothing_away(tmp_path: Path) -> None:
    """What words find stays first, though the vectors of a broken model would put anything there."""
    path = tmp_path / "openspec/specs/a/spec.md"
    path.parent.mkdir(parents=True)
    animals = [f"animal{number}" for number in range(120)]
    path.write_text(
        "".join(f"### Requirement: {a}\nA {a} SHALL be fed by keeper {n % 7}.\n\n" for n, a in enumerate(animals))
    )
    index = SqlitePassageIndex(tmp_path, None, max_file_bytes=1 << 20)
    index.refresh()
    asked = [f"Which keeper feeds the {animal}?" for animal in animals]
    finder = FindEvidence(index, Noise(), elapsed=lambda: 0.0)
    by_words = [index.search(question, limit=1)[0].passage.title for question in asked]
    with_noise = [asyncio.run(finder.find(question, limit=1))[0].passage.title for question in asked]
    assert sum(one != other for one, other in zip(by_words, with_noise, strict=True)) <= 3
