"""The figures of docs/benchmarks.md: `make bench`, or `python bench/run.py [GROUP...] [--rounds N]`.

Whole processes, side by side in one run. Ends with a status other than 0 only where something could not be run;
a target that is missed is printed as such.
"""

from __future__ import annotations

import argparse
import sys

import agents
import archive
import commits
import feedback
import growth
import in_process
import many_documents
import one_update
import questions
import real_tree
import retrieval
import start_up
from figures import Group, as_markdown
from machine import description
from measure import Broken
from places import REPOSITORY, compile_package, missing, scratch

GROUPS = {
    "start-up": (start_up.measure, 15),
    "tree": (real_tree.measure, 9),
    "growth": (growth.measure, 5),
    "archive": (archive.measure, 5),
    "documents": (many_documents.measure, 1),
    "in-process": (in_process.measure, 5),
    "update": (one_update.measure, 15),
    "commits": (commits.measure, 60),
    "questions": (questions.measure, 9),
    "agents": (agents.measure, 3),
    "retrieval": (retrieval.measure, 3),
    "feedback": (feedback.measure, 5),
}
PAGE = REPOSITORY / "docs" / "benchmarks.md"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the figures of docs/benchmarks.md.")
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], help="only these, and the page is left alone")
    parser.add_argument("--rounds", type=int, help="runs of each command (default: 5 to 15, by group)")
    arguments = parser.parse_args()
    if faults := missing():
        print("\n".join(f"error: {fault}" for fault in faults), file=sys.stderr)
        return 3
    compile_package()
    about = description()
    groups: list[Group] = []
    broken = False
    for name in arguments.groups or GROUPS:
        measure, rounds = GROUPS[name]
        try:
            with scratch() as directory:
                group = measure(directory, arguments.rounds or rounds)
        except Broken as error:
            print(f"error: {error}", file=sys.stderr)
            broken = True
            continue
        groups.append(group)
        print(as_markdown(group), flush=True)
    if broken:
        return 3
    if not arguments.groups:
        PAGE.write_text(page(about, groups), encoding="utf-8")
    targets = [target for group in groups for target in group.targets]
    print(f"{sum(target.met for target in targets)} of {len(targets)} targets met", end="")
    print("".join(f"\n{target}" for target in targets if not target.met))
    return 0


def page(about: list[str], groups: list[Group]) -> str:
    head = """# Benchmarks

Made by `make bench`, which writes this page. Every timed run is a whole process; the commands that are compared take
turns, so that a busy moment of the machine hits both. What carries over to other machines are the ratios: columns
*of the yardstick* compare medians, *least of least* the fastest runs. `PYTHON…` variables are taken out of the
environment of what is measured (without bytecode a start takes several times as long), and OpenSpec's telemetry is off.

Beside a figure in seconds or milliseconds stands what it comes to on a machine where `openspec --version` takes 280 ms, where
it takes longer here. Targets are met or missed by the figure as it was measured.

"""
    listed = "\n".join(f"- {sentence}" for sentence in about)
    return head + listed + "\n\n" + "\n".join(as_markdown(group) for group in groups)


if __name__ == "__main__":
    sys.exit(main())
