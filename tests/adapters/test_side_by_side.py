"""Two waits at once."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from workflow_cli.adapters.side_by_side import side_by_side


def test_both_run_at_the_same_time() -> None:
    """Each waits for the other, so one after the other would never end."""
    met = threading.Barrier(2, timeout=30)
    side_by_side(lambda: _wait(met), lambda: _wait(met))
    side_by_side(lambda: _wait(met), lambda: _wait(met))


@pytest.mark.parametrize("which", [0, 1])
def test_what_either_raises_is_raised_when_both_are_done(which: int) -> None:
    done: list[int] = []

    def work(number: int) -> None:
        done.append(number)
        if number == which:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        side_by_side(lambda: work(0), lambda: work(1))
    assert sorted(done) == [0, 1]


FORK = """
import os
from workflow_cli.adapters.side_by_side import side_by_side

side_by_side(lambda: None, lambda: None)
child = os.fork()
if child == 0:
    done = []
    side_by_side(lambda: done.append(1), lambda: done.append(2))
    os._exit(0 if sorted(done) == [1, 2] else 1)
raise SystemExit(os.waitpid(child, 0)[1])
"""


def test_a_forked_child_gets_a_thread_of_its_own() -> None:
    # In a process of its own: from 3.12 on, Python warns of forks beside other threads.
    assert subprocess.run([sys.executable, "-c", FORK], timeout=60, check=False).returncode == 0


def _wait(barrier: threading.Barrier) -> None:
    barrier.wait()
