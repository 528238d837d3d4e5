"""The index of passages by itself: made, opened again, searched. Each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from figures import Group, Target
from measure import Broken, environment
from pace import Pace
from places import PYTHON, REPOSITORY, TREE

#: What is asked: nothing of it is from the tree's own words in their order.
QUESTIONS = (
    "How does archiving handle a modified requirement that drops scenarios?",
    "What is printed when the change does not exist?",
    "Where are completions installed for zsh?",
    "Which exit code has a validation with warnings only?",
    "What happens when init runs in a directory that has been initialized before?",
    "Who may edit the tasks of another change?",
    "rename requirement",
    "Can a schema be chosen for each change, and where is it kept?",
    "How are delta specs merged into main specs when two changes touch the same requirement?",
    "telemetry opt out",
)
PASSAGES = 5_000


def measure(scratch: Path, rounds: int) -> Group:
    if not TREE.is_dir():
        raise Broken("retrieval: the corpus of trees is not there")
    tree = scratch / "tree"
    shutil.copytree(TREE, tree)
    # Files that were just written are read once more: what is measured is a tree that has been there for a while.
    for path in tree.rglob("*.md"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    time.sleep(2.1)
    made, opened = [], []
    pace = Pace(scratch)
    for _ in range(rounds):
        pace.step()
        (tree / ".workflow").exists() and shutil.rmtree(tree / ".workflow")
        made.append(_run("make", tree))
        opened.append(_run("make", tree))
    pace.step()
    searched = _run("search", tree)
    pace.step()
    size = (tree / ".workflow" / "state.db").stat().st_size
    build = min(run["seconds"] for run in made)
    reopen = min(run["seconds"] for run in opened)
    rows = [
        ("passages of the largest tree", f"{made[0]['passages']:,}"),
        ("index made", f"{build:.2f} s"),
        ("of that, processor", f"{min(run['processor'] for run in made):.2f} s"),
        ("opened again, nothing changed", f"{reopen * 1000:.1f} ms"),
        ("its size", f"{size / 1e6:.1f} MB"),
        (f"search over {searched['passages']:,} passages, median", f"{searched['median'] * 1000:.2f} ms"),
        ("of that, processor", f"{searched['processor'] * 1000:.2f} ms"),
        ("slowest of the questions", f"{searched['most'] * 1000:.2f} ms"),
        ("the same without SQLite's full text search, median", f"{searched['without'] * 1000:.2f} ms"),
    ]
    return Group(
        title="Retrieval",
        columns=("what", "figure"),
        rows=rows,
        targets=[
            Target(what="index of the largest tree", figure=build, limit=2, unit=" s", slower=pace.slower),
            Target(what="opened again", figure=reopen * 1000, limit=50, unit=" ms", slower=pace.slower),
            Target(
                what="search over 5,000 passages",
                figure=searched["median"] * 1000,
                limit=10,
                unit=" ms",
                slower=pace.slower,
            ),
        ],
    )


def _run(what: str, tree: Path) -> dict[str, float]:
    done = subprocess.run(
        [PYTHON, __file__, what, tree], capture_output=True, text=True, env=environment(), cwd=REPOSITORY, check=False
    )
    if done.returncode != 0:
        raise Broken(f"bench/retrieval.py: {done.stderr[-2000:]}")
    return dict(json.loads(done.stdout))


def main() -> None:
    what, tree = sys.argv[1], Path(sys.argv[2])
    from workflow_cli.adapters.passage_index import SqlitePassageIndex

    started, used = time.perf_counter(), time.process_time()
    index = SqlitePassageIndex(tree, tree / ".workflow" / "state.db", max_file_bytes=10 << 20)
    index.refresh()
    taken, used = time.perf_counter() - started, time.process_time() - used
    connection = index._connection
    (passages,) = connection.execute("SELECT count(*) FROM passage").fetchone()
    figures = {"seconds": taken, "processor": used, "passages": passages}
    if what == "search":
        figures |= _searched(tree)
    print(json.dumps(figures))


def _searched(tree: Path) -> dict[str, float]:
    """Over as many passages as the target is about: archived changes go until no more are left."""
    from workflow_cli.adapters.passage_index import SqlitePassageIndex

    def opened(full_text_search: bool) -> SqlitePassageIndex:
        index = SqlitePassageIndex(tree, None, max_file_bytes=10 << 20, full_text_search=full_text_search)
        index.refresh()
        return index

    index = opened(True)
    archive = sorted((tree / "openspec" / "changes" / "archive").iterdir())
    while _count(index) > PASSAGES and archive:
        shutil.rmtree(archive.pop())
        index.refresh()
    return {
        "passages": _count(index),
        **dict(zip(("median", "most", "processor"), _times(index), strict=True)),
        "without": _times(opened(False))[0],
    }


def _count(index: object) -> int:
    (count,) = index._connection.execute("SELECT count(*) FROM passage").fetchone()  # type: ignore[attr-defined]
    return int(count)


def _times(index: object) -> tuple[float, float, float]:
    """The median of the questions, the slowest, and the median of processor time, each over a question's median run."""
    walls, used = [], []
    for question in QUESTIONS:
        runs, processor = [], []
        for _ in range(7):
            started, before = time.perf_counter(), time.process_time()
            index.search(question, limit=8)  # type: ignore[attr-defined]
            runs.append(time.perf_counter() - started)
            processor.append(time.process_time() - before)
        walls.append(statistics.median(runs))
        used.append(statistics.median(processor))
    return statistics.median(walls), max(walls), statistics.median(used)


if __name__ == "__main__":
    main()
