"""Ends each write to the queue of questions with SIGKILL before each system call that writes, SQLite's own among them.

`python -m tests.faults.question_call_kills DIRECTORY [--every N]`. Needs strace, which follows every thread and child.
Prints one JSON document.
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

from tests.faults.kill_points import in_child
from tests.faults.question_kills import WRITES, prepare, seen, told_by_child

CALLS = [
    "pwrite64",
    "ftruncate",
    "fsync",
    "fdatasync",
    "?unlink",
    "unlinkat",
    "?mkdir",
    "mkdirat",
    "?rename",
    "renameat2",
]


def strace(root: Path, name: str, log: Path, *options: str) -> int:
    """The write under strace; its exit status, negative for a signal."""
    return subprocess.run(
        ["strace", "-f", "-qq", "-o", str(log), *options]
        + [sys.executable, "-m", "tests.faults.question_once", str(root), name],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    ).returncode


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    template, root, log = (arguments.directory / name for name in ("template", "tree", "strace.log"))
    template.mkdir(parents=True)
    in_child(lambda: prepare(template))

    def copy() -> None:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)

    kills: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    for offset, name in enumerate(WRITES):
        copy()
        before = told_by_child(lambda: seen(root))
        copy()
        assert strace(root, name, log, "-e", "trace=" + ",".join(CALLS)) == 0
        # A line is the number of the process, then the call.
        made = Counter(line.partition("(")[0].split()[-1] for line in log.read_text().splitlines() if "(" in line)
        after = told_by_child(lambda: seen(root))
        points = [(call, n + 1) for call, times in sorted(made.items()) for n in range(times)]
        for call, number in points[offset % arguments.every :: arguments.every]:
            copy()
            options = ("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}")
            if strace(root, name, log, *options) != -signal.SIGKILL:
                faults.append(f"{name}: {call} {number} was not reached")
                continue
            kills[call] += 1
            left = told_by_child(lambda: seen(root))
            if left not in (before, after):
                faults.append(f"{name}, {call} {number}: neither before nor after: {left}")
            outcomes["after" if left == after else "before"] += 1
    print(json.dumps({"kills": kills.total(), "by_call": kills, **outcomes, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
