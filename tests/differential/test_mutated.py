"""Real documents, damaged, give what the real command gives: no crash, no other verdict, no other byte.

The damage follows from the seeds. OPENSPEC_DIFFERENTIAL_MUTANTS says how many trees of a spec and four changes to
compare (200 unless told), OPENSPEC_DIFFERENTIAL_SEED where to start. A failure names its seed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.differential.mutations import Sound, sound_documents, write_mutant
from tests.differential.our_reading import batch_differences
from tests.differential.real_openspec import CORPUS, REPOSITORY, RealOpenSpec

pytestmark = pytest.mark.openspec

FIRST = int(os.environ.get("OPENSPEC_DIFFERENTIAL_SEED", "0"))
MUTANTS = int(os.environ.get("OPENSPEC_DIFFERENTIAL_MUTANTS", "200"))
BATCH = 50


@pytest.fixture(scope="module")
def sound() -> list[Sound]:
    """The project's own tree, its example, and the corpus where it is there."""
    trees = sorted(path for path in CORPUS.iterdir() if path.is_dir()) if CORPUS.is_dir() else []
    return sound_documents([REPOSITORY, REPOSITORY / "examples/shop", *trees])


@pytest.mark.parametrize("first", range(FIRST, FIRST + MUTANTS, BATCH))
def test_damaged_documents(first: int, sound: list[Sound], real: RealOpenSpec, tmp_path: Path) -> None:
    """Verdicts, findings and archived bytes of each batch of seeds agree."""
    seeds = range(first, min(first + BATCH, FIRST + MUTANTS))
    cases = [(tmp_path / str(seed), write_mutant(tmp_path / str(seed), seed, sound)) for seed in seeds]
    assert batch_differences(seeds, cases, real) == []
