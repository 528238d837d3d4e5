"""SIGKILL at every point of a commit, and many processes at once. WORKFLOW_LONG_TESTS=1 runs all of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.scenarios import AUTH, open_documents

REPOSITORY = Path(__file__).parents[2]
LONG = bool(os.environ.get("WORKFLOW_LONG_TESTS"))
slow = pytest.mark.skipif(not LONG, reason="takes minutes; set WORKFLOW_LONG_TESTS=1")


def python(module: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def kills(place: Path, *options: object) -> int:
    """The number of kills, after none of which anything was wrong."""
    out, _ = python("tests.faults.kill_points", place / "trees", *options).communicate()
    result = json.loads(out)
    assert result["faults"] == []
    assert result["before"] > 0 < result["after"]
    return int(result["kills"])


def test_a_commit_killed_at_any_point_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """Tree and history say the same after the next start, nothing strays, and the next commit succeeds."""
    assert kills(tmp_path) >= 150


@pytest.mark.slow
@slow
def test_the_same_with_the_recovery_killed_at_every_point_too(tmp_path: Path) -> None:
    assert kills(tmp_path, "--every", 1, "--recovery", 1) >= 1000


def strace_works() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@slow
@pytest.mark.skipif(LONG and not strace_works(), reason="strace is not installed, or may not trace here")
def test_the_same_at_every_system_call_that_writes(tmp_path: Path) -> None:
    """Those that SQLite makes are among them."""
    out, _ = python("tests.faults.system_call_kills", tmp_path / "trees").communicate()
    result = json.loads(out)
    assert result["faults"] == []
    assert {"pwrite64", "fsync", "renameat"} <= result["by_call"].keys()


@pytest.mark.parametrize(
    ("writers", "times"), [(6, 5), pytest.param(50, 20, marks=[pytest.mark.slow, slow])], ids=["few", "many"]
)
def test_processes_that_update_one_file_lose_nothing(tmp_path: Path, writers: int, times: int) -> None:
    """Every update is in the file and in the history, and nobody waits forever."""
    running = [python("tests.faults.many_writers", tmp_path, f"writer-{n}", times) for n in range(writers)]
    assert [process.wait() for process in running] == [0] * writers
    for process in running:
        assert process.stdout
        process.stdout.close()
    documents = open_documents(tmp_path)
    lines = (documents.read(AUTH) or b"").decode().splitlines()
    assert sorted(lines) == sorted(f"writer-{n} {time}" for n in range(writers) for time in range(times))
    revisions = documents.revisions()
    assert [r.number for r in revisions] == list(range(1, writers * times + 1))
    assert [r.author.name for r in revisions] == [line.split()[0] for line in lines]
    assert documents.verify() == []
    documents.close()
