"""The project's own specs pass the project's own check."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


def process(tree: Path, *options: str) -> tuple[int, dict[str, object]]:
    finished = subprocess.run(
        [sys.executable, "-m", "workflow_cli", "process", "--all", "--format", "json", *options],
        cwd=tree,
        env={"PYTHONPATH": str(REPOSITORY), "HOME": str(tree), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return finished.returncode, json.loads(finished.stdout)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A tree to be copied into: a run leaves its state and its questions behind."""
    return tmp_path / "tree"


def test_the_projects_own_specs_are_clean(copied: Path) -> None:
    """Strictly valid, and without a finding of any level."""
    shutil.copytree(REPOSITORY / "openspec", copied / "openspec")
    status, report = process(copied, "--strict", "--only", "validate,analyse", "--fail-level", "info")
    assert (status, report["status"]) == (0, "ok")
    assert report["items"]


def test_the_example_shows_what_it_is_meant_to_show(copied: Path) -> None:
    """One clean change, one with findings of several kinds and a blocking question, and a safe order for two."""
    shutil.copytree(REPOSITORY / "examples" / "shop", copied)
    status, report = process(copied)
    changes = {item["id"]: item for item in report["items"] if item["kind"] == "change"}  # type: ignore[attr-defined]
    assert status == 4
    assert report["order"] == ["add-gift-cards", "rename-payment"]
    assert changes["show-delivery-date"]["findings"] == changes["show-delivery-date"]["questions"] == []
    assert {finding["rule"] for finding in changes["add-gift-cards"]["findings"]} == {
        "contended-requirement",
        "modified-drops-text",
        "requirement-without-task",
        "unresolved-marker",
        "untestable-adjective",
    }
    assert [q["blocking"] for q in changes["add-gift-cards"]["questions"]].count(True) == 1
