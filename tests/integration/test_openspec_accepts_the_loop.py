"""The real `openspec validate --strict` accepts what the loop writes: its changes while they are open, and its specs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Run, environment, tree, workflow
from tests.e2e.loop_log import stubborn_tree
from tests.integration.test_openspec_accepts_questions import OPENSPEC

__all__ = ["environment", "tree", "workflow"]


@pytest.mark.openspec
@pytest.mark.skipif(
    not shutil.which(OPENSPEC), reason="the openspec CLI is not installed: run `npm ci` in tests/integration"
)
def test_a_change_of_the_loop(workflow: Run, tree: Path) -> None:
    """Archived with its specs; and open, as it was while it was measured."""
    stubborn_tree(tree)
    assert workflow("loop").returncode == 0
    assert _validate(tree, "--all") == 0
    (archived,) = (tree / "openspec/changes/archive").glob("*-loop-breaker-*")
    name = archived.name[len("2026-01-31-") :]
    shutil.rmtree(tree / "openspec/specs/runtime-tuning")
    archived.rename(tree / "openspec/changes" / name)
    assert _validate(tree, name) == 0


def _validate(root: Path, *what: str) -> int:
    done = subprocess.run([OPENSPEC, "validate", *what, "--strict"], cwd=root, capture_output=True, timeout=120)
    return done.returncode
