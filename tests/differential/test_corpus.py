"""Every tree of the corpus gives what the real command gives."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.differential.our_reading import archive_differences, differences, outcome_differences, read_tree
from tests.differential.real_openspec import CORPUS, RealOpenSpec

pytestmark = [pytest.mark.openspec, pytest.mark.corpus]

TREES = sorted(path.name for path in CORPUS.iterdir() if path.is_dir()) if CORPUS.is_dir() else ["corpus"]


def copy_of(tree: Path, root: Path) -> list[str]:
    """Copies a tree, its archived changes made active again beside the others; returns the changes."""
    shutil.copytree(tree / "openspec", root / "openspec")
    changes = root / "openspec" / "changes"
    for old in sorted((changes / "archive").glob("*/")):
        old.rename(changes / f"again-{old.name}")
    return sorted(p.name for p in changes.glob("*/") if p.name != "archive") if changes.is_dir() else []


@pytest.mark.parametrize("tree", TREES)
def test_validate_strict(tree: str, real: RealOpenSpec, corpus: Path) -> None:
    """The command itself, with --strict: same items, same verdicts, same (level, path, line)."""
    root = corpus / tree
    assert differences(read_tree(root).items(strict=True), real.validate(root, strict=True)) == []


@pytest.mark.parametrize("tree", TREES)
def test_validate_and_archive(tree: str, real: RealOpenSpec, corpus: Path, tmp_path: Path) -> None:
    """With and without --strict; and each change, archived ones too, against today's specs byte for byte.

    One change of each tree goes through `openspec archive` itself too, and comes out as the batch says.
    """
    names = copy_of(corpus / tree, tmp_path)
    (outcome,) = real.batch([(tmp_path, names)])
    assert outcome.fault is None
    found = outcome_differences(tmp_path, names, outcome)
    if names:
        chosen = next((n for n in names if not outcome.archives[n].refused), names[0])
        found += archive_differences(chosen, real.archive(tmp_path, chosen), outcome.archives[chosen])
    assert found == []


@pytest.mark.parametrize("tree", TREES)
def test_no_false_alarm(tree: str, corpus: Path) -> None:
    """No real tree is refused for a hazard: each such finding would have to be looked at first."""
    hazards = read_tree(corpus / tree).hazards
    assert [str(h.place) for found in hazards.values() for h in found if h.refuses] == []
