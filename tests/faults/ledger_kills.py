"""Ends appends to the ledger with SIGKILL at each point: `python -m tests.faults.ledger_kills DIRECTORY`.

Prints one JSON document: how often it was killed, and every fault.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from tests.faults.kill_points import in_child, kill_me
from tests.faults.write_points import At, count, watched
from workflow_cli.adapters.ledger_file import LedgerFile
from workflow_cli.domain.improvement.record import RecordType

EARLIER = 3


def append(path: Path, number: int) -> None:
    ledger = LedgerFile(path, key=b"k" * 32)
    with ledger.hold() as held:
        assert held
        ledger.append(RecordType.FINDING, {"number": number, "text": "ä" * 40}, at=float(number))


def numbers(path: Path) -> tuple[list[int], int]:
    reading = LedgerFile(path, key=b"k" * 32).read()
    return [record.body["number"] for record in reading.records], reading.gaps


def main(directory: Path) -> int:
    faults: list[str] = []
    kills = 0
    for earlier in (0, EARLIER):
        path = directory / f"from-{earlier}" / "ledger.jsonl"
        path.parent.mkdir(parents=True)
        for number in range(earlier):
            append(path, number)
        template = directory / f"template-{earlier}"
        shutil.copytree(path.parent, template)
        points = len(count(lambda path=path, earlier=earlier: append(path, earlier)))  # type: ignore[misc]
        for point in range(1, points + 1):
            shutil.rmtree(path.parent)
            shutil.copytree(template, path.parent)

            def until_killed(point: int = point, path: Path = path, earlier: int = earlier) -> None:
                with watched(At(point, kill_me)):
                    append(path, earlier)

            status = in_child(until_killed)
            if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
                faults.append(f"{earlier} earlier, point {point}: not killed")
                continue
            kills += 1
            before = list(range(earlier))
            seen, gaps = numbers(path)
            if seen not in (before, [*before, earlier]) or gaps:
                faults.append(f"{earlier} earlier, point {point}: {seen}, {gaps} gaps")
            append(path, 99)
            if numbers(path) != ([*seen, 99], 0):
                faults.append(f"{earlier} earlier, point {point}: the next append went wrong: {numbers(path)}")
    print(json.dumps({"kills": kills, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
