"""Ends cycles of the loop with SIGKILL at each point, and looks what the next cycles make of it.

`python -m tests.faults.loop_kills DIRECTORY [--every N]`. The cycle that is killed is one that keeps a change: it
registers, writes a change, measures, writes the settings, archives, and stages the hold-back. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.loop_log import STUBBORN, stubborn_tree
from tests.faults.kill_points import in_child, kill_me
from tests.faults.write_points import At, count, watched
from workflow_cli.errors import WorkflowError
from workflow_cli.wiring import settings_in_force
from workflow_cli.wiring.loop import LoopRun

KEPT = STUBBORN.replace("1000 # never", "2 # never") + "  breaker_seconds: 300\n"


def cycle(root: Path) -> None:
    settings = settings_in_force(root)
    with LoopRun(root, settings, load=lambda: settings_in_force(root), levers=("breaker",)) as run, run.held() as held:
        assert held
        run.cycle()


def faults_in(root: Path) -> list[str]:
    """What is wrong right after the kill, and after the loop ran again."""
    found = []
    text = (root / "workflow.yaml").read_text("utf-8")
    if text not in (STUBBORN, KEPT):
        found.append(f"settings: {text!r}")
    settings = settings_in_force(root)
    with LoopRun(root, settings, load=lambda: settings_in_force(root)) as run:
        standing = run.story().standing  # a reader sees a state, whatever was going on
    if standing not in ("idle", "measuring", "interrupted", "probation"):
        found.append(f"standing {standing}")
    for _ in range(3):
        try:
            cycle(root)
        except WorkflowError as error:
            found.append(f"the next cycle: {error}")
    with LoopRun(root, settings, load=lambda: settings_in_force(root)) as run:
        story = run.story()
        damage = list(run.documents.verify())
        promotions = list(run.documents.revisions(path="workflow.yaml"))
        staged = run.tuning.staged()
    text = (root / "workflow.yaml").read_text("utf-8")
    kept = [one for one in story.kept if one.state != "rolled_back"]
    if (text == KEPT) != (len(kept) == 1) or (text == KEPT) != (len(promotions) == 1):
        found.append(f"settings {text!r} with {len(kept)} kept and {len(promotions)} revisions")
    if story.standing not in ("idle", "probation") or story.unread.keys() - {"torn"} or story.gaps:
        found.append(f"at the end {story.standing}, {story.unread}, {story.gaps} gaps")
    if damage:
        found.append(f"history: {damage}")
    if (staged is not None) != (story.standing == "probation"):
        found.append(f"overlay {staged} while {story.standing}")
    left = [path.name for path in (root / "openspec/changes").glob("loop-*")]
    if left:
        found.append(f"open changes: {left}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    os.environ["XDG_CONFIG_HOME"] = str(arguments.directory / "home")
    template, root = arguments.directory / "template", arguments.directory / "project"
    template.mkdir(parents=True)
    stubborn_tree(template, end=datetime.now(UTC))

    def fresh() -> None:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)

    fresh()
    points = count(lambda: cycle(root))
    faults = [] if (root / "workflow.yaml").read_text("utf-8") == KEPT else ["nothing was kept without a kill"]
    kills = ended = 0
    for point in range(1, len(points) + 1, arguments.every):
        fresh()

        def until_killed(point: int = point) -> None:
            with watched(At(point, kill_me)):
                cycle(root)

        status = in_child(until_killed)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            faults.append(f"point {point}: not killed")
            continue
        kills += 1
        found = faults_in(root)
        ended += (root / "workflow.yaml").read_text("utf-8") == KEPT
        faults += [f"point {point} ({points[point - 1]}): {fault}" for fault in found]
    print(json.dumps({"points": len(points), "kills": kills, "kept": ended, "faults": faults}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
