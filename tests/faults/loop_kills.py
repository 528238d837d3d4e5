"""Ends the loop with SIGKILL at each point at which it writes, and looks what the next cycles make of it.

`python -m tests.faults.loop_kills DIRECTORY [--every N] [--only NAME] [--last N] [--full]`. What is killed is in `loop_scenarios`. With
`--full` nothing is killed: from that point on the disk is full, and has room again afterwards. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.kill_points import in_child, kill_me
from tests.faults.loop_scenarios import SCENARIOS, Scenario
from tests.faults.write_points import At, count, watched
from workflow_cli.errors import WorkflowError


def told(work: Callable[[], Any]) -> Any:
    """What `work` returns, done in a child as another process would; None where it failed."""
    reading, writing = os.pipe()

    def tell() -> None:
        os.write(writing, json.dumps(work()).encode())

    status = in_child(tell)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    return json.loads(said) if status == 0 else None


class FullFrom:
    """A hook: from the point of a given number on, the disk is full."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, name: str) -> None:
        self._left -= 1
        if self._left > 0 or name in _NEED_NO_ROOM or name.startswith("after"):
            return
        if name.startswith(("before", "connect")):
            raise sqlite3.OperationalError("database or disk is full")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


_NEED_NO_ROOM = frozenset({"unlink", "rmdir", "fsync", "fchmod", "ftruncate", "before ROLLBACK"})


def _is_told(error: BaseException) -> bool:
    """Whether it is an error that the command has a message for."""
    return isinstance(error, WorkflowError) or (isinstance(error, OSError) and error.errno == errno.ENOSPC)


def on_full_disk(root: Path, scenario: Scenario, point: int) -> list[str]:
    """What is wrong with how it ended."""

    def until_full() -> list[str]:
        try:
            with watched(FullFrom(point)):
                scenario.act(root)
        except Exception as error:
            return [] if _is_told(error) else [f"{type(error).__name__}: {error}"]
        return []

    found = told(until_full)
    return ["it failed"] if found is None else list(found)


def run(
    place: Path, scenario: Scenario, every: int, offset: int, *, full: bool = False, last: int | None = None
) -> dict[str, Any]:
    """All kills of one scenario, or those at the last so many points."""
    template, root = place / "template", place / "project"
    template.mkdir(parents=True)
    scenario.prepare(template)

    def fresh() -> None:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)

    fresh()
    points = told(lambda: count(lambda: scenario.act(root))) or []
    faults = [] if points else ["it fails without a kill"]
    if points:
        calm = told(lambda: scenario.faults(root))
        faults += [f"without a kill: {fault}" for fault in (["looking at it failed"] if calm is None else calm)]
    kills = kept = 0
    first = 1 if last is None else max(1, len(points) + 1 - last)
    for point in range(first + offset % every, len(points) + 1, every):
        fresh()
        if full:
            kills += 1
            ended = on_full_disk(root, scenario, point)
            looked = told(lambda: scenario.faults(root))
            found = [*ended, *(["looking at it failed"] if looked is None else looked)]
            kept += scenario.kept is not None and scenario.kept(root)
            faults += [f"full from point {point} ({points[point - 1]}): {fault}" for fault in found]
            continue

        def until_killed(point: int = point) -> None:
            with watched(At(point, kill_me)):
                scenario.act(root)

        status = in_child(until_killed)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            faults.append(f"point {point}: not killed")
            continue
        kills += 1
        found = told(lambda: scenario.faults(root))
        if found is None:
            found = ["looking at it failed"]
        kept += scenario.kept is not None and scenario.kept(root)
        faults += [f"point {point} ({points[point - 1]}): {fault}" for fault in found]
    named = [f"{scenario.name}, {fault}" for fault in faults]
    return {"points": len(points), "kills": kills, "kept": kept, "faults": named}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--last", type=int, help="only the last so many points of each")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", choices=sorted(SCENARIOS), action="append")
    arguments = parser.parse_args()
    os.environ["XDG_CONFIG_HOME"] = str(arguments.directory / "home")
    results = {
        name: run(
            arguments.directory / name,
            SCENARIOS[name],
            arguments.every,
            offset,
            full=arguments.full,
            last=arguments.last,
        )
        for offset, name in enumerate(arguments.only or SCENARIOS)
    }
    faults = [fault for result in results.values() for fault in result.pop("faults")]
    print(json.dumps({"scenarios": results, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
