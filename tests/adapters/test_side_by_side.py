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


def test_an_interrupt_waits_for_what_is_under_way() -> None:
    """Or its work would go on beside that of whoever takes everything back."""
    done: list[int] = []
    begun, interrupted = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert interrupted.wait(30)
        done.append(1)

    def interrupt() -> None:
        assert begun.wait(30)
        threading.Timer(0.05, interrupted.set).start()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(work, interrupt)
    assert done == [1]


INTERRUPT = """
import signal, time
from workflow_cli.adapters.side_by_side import side_by_side

def later(done):
    time.sleep(0.3)
    done.append(1)

for _ in range(2):
    done = []
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        side_by_side(lambda: later(done), lambda: None)
        raise SystemExit("was not interrupted")
    except KeyboardInterrupt:
        assert done == [1], "did not wait"
side_by_side(lambda: done.append(2), lambda: done.append(3))
assert sorted(done) == [1, 2, 3]
"""


def test_a_signal_while_it_waits_for_the_other_is_no_different() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPT], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


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
