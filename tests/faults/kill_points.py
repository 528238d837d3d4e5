"""Ends a commit with SIGKILL at each of its points, and looks what the next start makes of it.

Run as a program, because it forks: `python -m tests.faults.kill_points DIRECTORY [--every N] [--recovery N]`.
With `--recovery N` the recovery, too, is killed at every N-th of its points. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.faults.scenarios import SCENARIOS, Scenario, expected, open_documents, prepare, snapshot
from tests.faults.write_points import At, count, watched


def in_child(work: Callable[[], object]) -> int:
    """Do `work` in a forked process; its wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def kill_me() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def commit(root: Path, scenario: Scenario) -> None:
    open_documents(root).commit(scenario.draft)


def recover(root: Path) -> None:
    with open_documents(root).lock():
        pass


class Run:
    """All kills of one scenario."""

    def __init__(self, place: Path, scenario: Scenario) -> None:
        self.place = place
        self.scenario = scenario
        self.template = place / "template"
        self.template.mkdir()
        prepare(self.template, scenario)
        self.before, self.after = expected(self.template, scenario, self.copy)
        self.kills = 0
        self.outcomes = {"before": 0, "after": 0}
        self.faults: list[str] = []

    def copy(self) -> Path:
        root = self.place / "tree"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.template, root)
        return root

    def points(self, root: Path, work: Callable[[Path], None]) -> int:
        """How many points `work` has, found out in a child."""
        reading, writing = os.pipe()

        def tell() -> None:
            os.write(writing, b"%d" % len(count(lambda: work(root))))

        in_child(tell)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            return int(stream.read())

    def killed(self, root: Path, number: int, work: Callable[[Path], None]) -> bool:
        """Whether `work` was killed at that point; it was not where it has fewer."""

        def until_killed() -> None:
            with watched(At(number, kill_me)):
                work(root)

        status = in_child(until_killed)
        if os.WIFSIGNALED(status):
            self.kills += 1
            return True
        if status != 0:
            self.faults.append(f"{self.scenario.name}: failed at point {number}")
        return False

    def check(self, root: Path, where: str) -> None:
        """In a child, as the next start would: recover, compare, verify, and commit once more."""
        reading, writing = os.pipe()

        def look() -> None:
            documents = open_documents(root)
            with documents.lock():
                pass
            seen = snapshot(root)
            kind = "before" if seen == self.before else "after" if seen == self.after else None
            complaints = list(documents.verify())
            if kind is None:
                complaints.append(f"neither before nor after: {sorted(seen)}")
            wanted = self.scenario.earlier + (kind == "after")
            if len(documents.revisions()) != wanted:
                complaints.append(f"{kind}, with {len(documents.revisions())} revisions and not {wanted}")
            if kind == "before":
                documents.commit(self.scenario.draft)
                if snapshot(root) != self.after:
                    complaints.append("the same commit afterwards went wrong")
            os.write(writing, json.dumps([kind, complaints]).encode())

        status = in_child(look)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            said = stream.read()
        kind, complaints = json.loads(said) if status == 0 else (None, [f"the next start failed ({status})"])
        if kind:
            self.outcomes[kind] += 1
        self.faults += [f"{self.scenario.name}, {where}: {complaint}" for complaint in complaints]

    def run(self, every: int, recovery: int, offset: int) -> None:
        def work(root: Path) -> None:
            commit(root, self.scenario)

        for number in range(1 + offset % every, self.points(self.copy(), work) + 1, every):
            root = self.copy()
            if not self.killed(root, number, work):
                self.faults.append(f"{self.scenario.name}: point {number} was not reached")
                continue
            if recovery:
                self.kill_recoveries(root, number, recovery)
            self.check(root, f"point {number}")

    def kill_recoveries(self, root: Path, number: int, every: int) -> None:
        """From the same half-done state, kill the recovery at each of its points."""
        state = self.place / "half-done"
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(root, state)
        again = self.place / "again"
        for point in itertools.count(1, every):
            shutil.rmtree(again, ignore_errors=True)
            shutil.copytree(state, again)
            if not self.killed(again, point, recover):
                return
            self.check(again, f"point {number}, recovery point {point}")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--recovery", type=int, default=0)
    arguments = parser.parse_args()
    total = {"kills": 0, "before": 0, "after": 0}
    faults: list[str] = []
    for offset, scenario in enumerate(SCENARIOS.values()):
        place = arguments.directory / str(offset)
        place.mkdir(parents=True)
        run = Run(place, scenario)
        run.run(arguments.every, arguments.recovery, offset)
        total["kills"] += run.kills
        total["before"] += run.outcomes["before"]
        total["after"] += run.outcomes["after"]
        faults += run.faults
        shutil.rmtree(place)
    print(json.dumps({**total, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
