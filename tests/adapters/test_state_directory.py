"""The directory where everything is kept that is not a document."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.event_log import JsonlEventLog
from workflow_cli.adapters.state_database import open_state
from workflow_cli.adapters.state_directory import make_state_directory


def where_no_byte_can_be_written(work: Callable[[], object]) -> None:
    """As on a full disk: files can be made, and stay empty."""
    child = os.fork()
    if child == 0:
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def by_directory(root: Path) -> None:
    make_state_directory(root)


def by_database(root: Path) -> None:
    open_state(root / ".workflow" / "state.db", "")[0].close()


def by_events(root: Path) -> None:
    JsonlEventLog(root / ".workflow" / "metrics.jsonl", clock=SystemClock(), max_bytes=1 << 20).append({"kind": "test"})


@pytest.mark.parametrize("make", [by_directory, by_database, by_events])
def test_on_a_full_disk_there_is_no_half_gitignore(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """An empty one would have git take up everything, and nobody would write another."""
    where_no_byte_can_be_written(lambda: make(tmp_path))
    left = [path.name for path in (tmp_path / ".workflow").iterdir()]
    assert not any("gitignore" in name for name in left)
    make_state_directory(tmp_path)
    assert (tmp_path / ".workflow" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("text", ["", "*\n!metrics.jsonl\n"])
def test_one_that_is_there_is_left_alone(tmp_path: Path, text: str) -> None:
    """Somebody may want git to see what is kept."""
    (tmp_path / ".workflow").mkdir()
    (tmp_path / ".workflow" / ".gitignore").write_text(text)
    make_state_directory(tmp_path)
    by_database(tmp_path)
    assert (tmp_path / ".workflow" / ".gitignore").read_text() == text


def test_one_that_is_gone_is_made_again(tmp_path: Path) -> None:
    for make in (by_directory, by_database):
        make(tmp_path)
        (tmp_path / ".workflow" / ".gitignore").unlink()
        make(tmp_path)
        assert (tmp_path / ".workflow" / ".gitignore").read_text() == "*\n"
