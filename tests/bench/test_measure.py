"""A command that hangs ends the benchmark with a message, and leaves no process behind."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench"
#: Writes down its own process and that of a child, and then both hang.
HANGS = """
import os, sys, time
child = os.fork()
if child:
    with open("running.tmp", "w") as file:
        file.write(f"{os.getpid()} {child}")
    os.rename("running.tmp", "running")
    print("waiting for nothing", file=sys.stderr, flush=True)
time.sleep(600)
"""


@pytest.fixture
def measure(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    import measure

    return measure


def test_a_command_that_hangs_is_ended_and_named(measure: ModuleType, tmp_path: Path) -> None:
    """The message says which command, after how long, and what it printed; its children are gone, too."""
    command = measure.Command(name="`sleepy`", arguments=[sys.executable, "-c", HANGS], directory=tmp_path, longest=5.0)
    with pytest.raises(measure.Broken, match=r"^`sleepy`: still at work after 5 s, and ended"):
        measure.run(command)
    pids = [int(pid) for pid in (tmp_path / "running").read_text().split()]
    until = time.monotonic() + 20
    while any(map(_runs, pids)) and time.monotonic() < until:
        time.sleep(
            0.05
        )  # a process that is killed is gone a little later, and nobody here can wait for a child's child
    assert not [pid for pid in pids if _runs(pid)]


def test_a_script_that_hangs_is_ended_and_named(measure: ModuleType, tmp_path: Path) -> None:
    script = tmp_path / "sleepy.py"
    script.write_text("import time\ntime.sleep(600)\n")
    with pytest.raises(measure.Broken, match=r"^bench/sleepy\.py: still at work after 0\.2 s, and ended$"):
        measure.output_of(script, longest=0.2)


def test_a_command_in_time_is_measured_and_another_failure_told(measure: ModuleType, tmp_path: Path) -> None:
    wall, processor, peak = measure.run(
        measure.Command(name="quick", arguments=[sys.executable, "-c", "pass"], directory=tmp_path)
    )
    assert wall > 0
    assert processor > 0
    assert peak > 1_000_000
    failing = [sys.executable, "-c", "raise SystemExit('no such tree')"]
    with pytest.raises(measure.Broken, match=r"failing: exit status 1\nno such tree"):
        measure.run(measure.Command(name="failing", arguments=failing, directory=tmp_path, statuses=frozenset({0})))


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie that only waits to be collected."""
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
