"""The queue of questions under SIGKILL, and with many processes at once. WORKFLOW_LONG_TESTS=1 runs more."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.test_kills import strace_works
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.question_store import SqliteQuestionStore

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


def test_a_write_killed_at_any_point_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """The file is sound after the kill, and the same write succeeds afterwards."""
    out, _ = python("tests.faults.question_kills", tmp_path / "trees").communicate()
    result = json.loads(out)
    assert result["faults"] == []
    assert result["kills"] >= 40
    assert result["before"] > 0 < result["after"]


@pytest.mark.slow
@slow
@pytest.mark.skipif(LONG and not strace_works(), reason="strace is not installed, or may not trace here")
def test_the_same_at_every_system_call_that_writes(tmp_path: Path) -> None:
    """Those that SQLite makes, in whatever thread or child."""
    out, _ = python("tests.faults.question_call_kills", tmp_path / "trees").communicate()
    result = json.loads(out)
    assert result["faults"] == []
    assert {"pwrite64", "fdatasync"} <= result["by_call"].keys()
    assert result["before"] > 0 < result["after"]


@pytest.mark.parametrize("told", [1, 2, 9, 40, pytest.param(4_000, marks=[pytest.mark.slow, slow])])
def test_whatever_was_said_to_be_kept_is_there_after_a_kill(tmp_path: Path, told: int) -> None:
    """The asker is told only when the question is on the disk; so is who answers."""
    process = python("tests.faults.question_teller", tmp_path)
    assert process.stdout
    lines = [process.stdout.readline().split() for _ in range(told)]
    process.kill()
    lines += [words for line in process.stdout if len(words := line.split()) == 2 and len(words[1]) == 21]
    process.wait()
    process.stdout.close()
    store = SqliteQuestionStore(tmp_path, clock=SystemClock())
    entries = {entry.id: entry for entry in store.listed(answered=None)}
    store.close()
    assert len(lines) >= told
    for what, id in lines:
        assert id in entries
        assert what == "asked" or entries[id].answer


@pytest.mark.parametrize(
    ("processes", "times"), [(50, 4), pytest.param(50, 100, marks=[pytest.mark.slow, slow])], ids=["short", "long"]
)
def test_processes_that_ask_and_answer_at_once_lose_nothing(tmp_path: Path, processes: int, times: int) -> None:
    """Every question is there once, with everybody who asked it, and was answered by one of them, once."""
    crowd = python("tests.faults.question_crowd", tmp_path, processes, times)
    crowd.communicate()
    assert crowd.returncode == 0
    told = [json.loads((tmp_path / f"p{number}.json").read_text()) for number in range(processes)]
    store = SqliteQuestionStore(tmp_path, clock=SystemClock())
    entries = {entry.id: entry for entry in store.listed(answered=None)}
    store.close()
    assert len(entries) == times + processes * times
    assert {id for one in told for id in one["kept"]} == set(entries)
    assert Counter(id for one in told for id in one["answered"]) == Counter(entries.keys())
    for one in told:
        assert {entries[id].answered_by for id in one["answered"]} == {one["name"]}
    for entry in entries.values():
        assert len(entry.askers) == (processes if entry.text.startswith("shared") else 1)
    with sqlite3.connect(store.path) as database:
        assert database.execute("SELECT count(*), count(DISTINCT question) FROM answer").fetchone() == (
            len(entries),
            len(entries),
        )
    database.close()
