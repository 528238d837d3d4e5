"""Whole processes, timed side by side: one run of each in turn, so that a busy moment hits all of them."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from places import PYTHON, REPOSITORY

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
#: Seconds of wall clock, many times what the slowest command takes: a command that is still at work then hangs.
LONGEST = 600.0


class Broken(Exception):
    """A command that was to be timed did not do its work; the message says which and what it printed."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """`prepare` runs before each run and is not timed; `statuses` are the exit statuses that mean it worked.

    A run that takes longer than `longest` seconds is ended.
    """

    name: str
    arguments: Sequence[str | Path]
    directory: Path
    prepare: Callable[[], object] = lambda: None
    statuses: frozenset[int] = frozenset({0, 1, 4})
    longest: float = LONGEST


@dataclass(frozen=True)
class Runs:
    """Seconds of wall clock and of processor, and the largest resident size in bytes, a value for each run."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def least(self) -> float:
        return min(self.wall)


def side_by_side(commands: Sequence[Command], rounds: int) -> dict[str, Runs]:
    """Run every command `rounds` times, interleaved. Raises Broken."""
    results = {command.name: Runs() for command in commands}
    for _ in range(rounds):
        for command in commands:
            command.prepare()
            wall, cpu, peak = run(command)
            runs = results[command.name]
            runs.wall.append(wall)
            runs.cpu.append(cpu)
            runs.peak.append(peak)
    return results


def run(command: Command) -> tuple[float, float, int]:
    """Seconds of wall clock and processor, and peak bytes, of one run. Raises Broken."""
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command.arguments],
            cwd=command.directory,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            with _at_most(command.longest):
                # Popen.wait() would not tell what this one child used.
                _, status, usage = os.wait4(process.pid, 0)
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with what it started
            process.wait()
            if isinstance(error, TimeoutError):
                raise Broken(_hangs(command.name, command.longest, _said(errors))) from error
            raise
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in command.statuses:
            raise Broken(f"{command.name}: exit status {process.returncode}\n{_said(errors)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _RSS_UNIT


def output_of(script: str | Path, *arguments: str | Path, longest: float = LONGEST) -> str:
    """What a script of this directory prints, run in a process of its own. Raises Broken."""
    name = f"bench/{Path(script).name}"
    try:
        done = subprocess.run(
            [PYTHON, script, *arguments],
            capture_output=True,
            text=True,
            env=environment(),
            cwd=REPOSITORY,
            timeout=longest,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Broken(_hangs(name, longest, "")) from error
    if done.returncode != 0:
        raise Broken(f"{name}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in what is at work after so many seconds; in the main thread only."""

    def expired(_signal: int, _frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _hangs(name: str, longest: float, said: str) -> str:
    return f"{name}: still at work after {longest:g} s, and ended" + (f"\n{said}" if said else "")


def _said(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read(2000).decode("utf-8", "replace").strip()


def environment() -> dict[str, str]:
    """What the timed processes get: as a user's shell has it, with OpenSpec's telemetry off."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "OPENSPEC_TELEMETRY": "0", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}
