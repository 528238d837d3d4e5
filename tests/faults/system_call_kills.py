"""Ends a commit with SIGKILL at each of its own system calls that write, those of SQLite included.

`python -m tests.faults.system_call_kills DIRECTORY [--every N]`. Needs strace, which follows every thread and child, and
puts the signal in front of the n-th call of a name. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.faults.kill_points import Run
from tests.faults.scenarios import SCENARIOS

#: Every call by which a file or directory changes; a leading `?` is for those that a machine may lack.
CALLS = [
    "write",
    "pwrite64",
    "?pwritev",
    "fsync",
    "fdatasync",
    "ftruncate",
    "?fallocate",
    "?rename",
    "renameat",
    "?renameat2",
    "?unlink",
    "unlinkat",
    "?mkdir",
    "mkdirat",
    "?rmdir",
    "?link",
    "linkat",
    "?chmod",
    "fchmod",
    "fchmodat",
    "?open",
    "openat",
]


def strace(root: Path, scenario: str, log: Path, *options: str) -> int:
    """The commit under strace; its exit status, negative for a signal."""
    command = ["strace", "-f", "-qq", "-o", str(log), *options]
    return subprocess.run(
        [*command, sys.executable, "-m", "tests.faults.commit_once", str(root), scenario],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    ).returncode


def counts(root: Path, scenario: str, log: Path) -> Counter[str]:
    """How often each call is made by the thread that makes it most, as strace counts; not those that only open."""
    assert strace(root, scenario, log, "-e", "trace=" + ",".join(CALLS)) == 0
    # A line is the number of the thread, then the call.
    made = Counter(tuple(line.partition("(")[0].split()) for line in log.read_text().splitlines() if "(" in line)
    most: Counter[str] = Counter()
    for (_, *_, name), times in made.items():
        if name not in ("open", "openat"):
            most[name] = max(most[name], times)
    return most


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    kills: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    for offset, (name, scenario) in enumerate(SCENARIOS.items()):
        place = arguments.directory / str(offset)
        place.mkdir(parents=True)
        run, log = Run(place, scenario), place / "strace.log"
        points = [(call, n + 1) for call, times in sorted(counts(run.copy(), name, log).items()) for n in range(times)]
        for call, number in points[offset % arguments.every :: arguments.every]:
            root = run.copy()
            options = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
            if strace(root, name, log, *options) != -signal.SIGKILL:
                faults.append(f"{name}: {call} {number} was not reached")
                continue
            kills[call] += 1
            run.check(root, f"{call} {number}")
        outcomes.update(run.outcomes)
        faults += run.faults
        shutil.rmtree(place)
    print(json.dumps({"kills": kills.total(), "by_call": kills, **outcomes, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
