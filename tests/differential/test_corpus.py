"""Every tree of the corpus is judged as by the real command; how its changes archive is in `test_archive_command`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.differential.our_reading import differences, read_tree
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
def test_no_false_alarm(tree: str, corpus: Path) -> None:
    """No real tree is refused for a hazard: each such finding would have to be looked at first."""
    hazards = read_tree(corpus / tree).hazards
    assert [str(h.place) for found in hazards.values() for h in found if h.refuses] == []
