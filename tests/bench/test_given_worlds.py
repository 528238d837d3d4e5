"""A world that somebody names to the improvement benchmark, and that is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("{here}/nope.py:Coin", "no Python file at "),
        ("nope", "give FILE:CLASS, such as coin.py:Coin"),
        ("{here}/half.py:Coin", "cannot be imported: SyntaxError"),
        ("{here}/other.py:Coin", "has no subclass of World called 'Coin'"),
        ("{here}/other.py:Other", "has no subclass of World called 'Other'"),
    ],
)
def test_a_world_that_is_not_there_is_one_clear_error(tmp_path: Path, place: str, says: str) -> None:
    """Status 2, as of every wrong call."""
    (tmp_path / "half.py").write_text("class Coin(\n")
    (tmp_path / "other.py").write_text("class Other: ...\n")
    command = [sys.executable, "-m", "bench.improvement.run", "--world", place.replace("{here}", str(tmp_path))]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--only", "P01,Z99"], "--only: no world Z99; there are P01, "), (["--seeds", "0"], "--seeds: at least 1")],
)
def test_what_measures_nothing_is_no_success(arguments: list[str], says: str) -> None:
    command = [sys.executable, "-m", "bench.improvement.run", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr.splitlines()[-1]
