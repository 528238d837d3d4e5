"""Trees that are nasty on purpose give what the real command gives.

The trees follow from their seeds. OPENSPEC_DIFFERENTIAL_TREES says how many to compare (of five changes each; 200 unless
told, 600 with WORKFLOW_LONG_TESTS=1), OPENSPEC_DIFFERENTIAL_SEED where to start. A failure names its seed:

    OPENSPEC_DIFFERENTIAL_SEED=4711 OPENSPEC_DIFFERENTIAL_TREES=1 pytest tests/differential/test_generated.py
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.differential.nasty_trees import write_tree
from tests.differential.our_reading import batch_differences
from tests.differential.real_openspec import RealOpenSpec
from tests.examples import examples

pytestmark = pytest.mark.openspec

FIRST = int(os.environ.get("OPENSPEC_DIFFERENTIAL_SEED", "0"))
TREES = int(os.environ.get("OPENSPEC_DIFFERENTIAL_TREES") or examples(600))
BATCH = 50


@pytest.mark.parametrize("first", range(FIRST, FIRST + TREES, BATCH))
def test_generated_trees(first: int, real: RealOpenSpec, tmp_path: Path) -> None:
    """Verdicts, findings and archived bytes of each batch of seeds agree."""
    seeds = range(first, min(first + BATCH, FIRST + TREES))
    cases = [(tmp_path / str(seed), write_tree(tmp_path / str(seed), seed)) for seed in seeds]
    assert batch_differences(seeds, cases, real) == []


def test_the_generator_reaches_both_ends(real: RealOpenSpec, tmp_path: Path) -> None:
    """Of its changes a fair part archives and a fair part is refused; otherwise the comparison would be idle."""
    cases = [(tmp_path / str(seed), write_tree(tmp_path / str(seed), seed)) for seed in range(40)]
    archives = [a for outcome in real.batch(cases) for a in outcome.archives.values()]
    passed = sum(not a.refused for a in archives)
    assert 0.1 < passed / len(archives) < 0.9
    assert any(a.written for a in archives)
    assert any(a.deleted for a in archives)
