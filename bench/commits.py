"""Committed updates of documents beside the bare file operations they cannot do without.

The yardstick writes the same bytes beside the file, flushes them, renames them over it and flushes the directory.
Both take turns on the same disk, in one process of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from figures import Group, Target
from measure import output_of

#: Bytes of the document: a common size of specs.
SIZE = 6_000
TURN = 10
FILES = 10


def measure(scratch: Path, rounds: int) -> Group:
    """`rounds` turns of ten updates of each kind."""
    taken: dict[str, list[float]] = json.loads(output_of(__file__, scratch, str(rounds)))
    return group(taken)


def group(taken: dict[str, list[float]]) -> Group:
    base = statistics.median(taken["bare"])
    # Each turn beside the yardstick's of the same moment: disks have moods that last for seconds.
    beside = statistics.median(commit / bare for commit, bare in zip(taken["commit"], taken["bare"], strict=True))
    rows = [
        (
            name,
            f"{TURN / statistics.median(turns):,.0f}",
            f"{TURN / min(turns):,.0f}",
            f"{base / statistics.median(turns):.2f}",
        )
        for name, turns in taken.items()
    ]
    return Group(
        title="Committed updates of one document",
        columns=("one process", "a second, median", "at best", "of the bare rate"),
        rows=[(WORDS[name], *figures) for name, *figures in rows],
        targets=[
            Target(
                what="one update, in the time of bare write + fsync + rename + fsync of the directory",
                figure=beside,
                limit=2,
                unit=" ×",
            )
        ],
        notes=[
            f"A document of {SIZE:,} bytes; turns of {TURN} updates each, one beside the other; the median of their ratios. A commit is durable, recorded in the history "
            f"and undoable when it returns. The batch is one commit over {FILES} documents, counted as {FILES} updates."
        ],
    )


WORDS = {
    "bare": "bare write, fsync, rename, fsync of the directory",
    "commit": "a commit of one document",
    "batch": f"a commit of {FILES} documents, each counted",
}


def main(scratch: str, rounds: str) -> None:
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.domain.review.draft import Author, AuthorKind, FileChange, draft_of

    root = Path(scratch) / "tree"
    author = Author(kind=AuthorKind.PERSON, name="bench")
    documents = DocumentsOnDisk(root, clock=SystemClock())
    texts: dict[str, bytes] = {}
    number = 0

    def edited(data: bytes) -> bytes:
        nonlocal number
        number += 1
        at = 80 * (number % 50)
        return data[:at] + b"%08d" % number + data[at + 8 :]

    def commit(paths: list[str]) -> None:
        changes = []
        for path in paths:
            after = edited(texts[path])
            changes.append(FileChange(path=path, before=texts[path], after=after))
            texts[path] = after
        documents.commit(draft_of(changes, author=author))

    paths = [f"openspec/specs/spec-{n}/spec.md" for n in range(FILES)]
    bare = root / "openspec" / "specs" / "bare"
    bare.mkdir(parents=True)
    for path in paths:
        texts[path] = os.urandom(SIZE // 2).hex().encode()
        (root / path).parent.mkdir()
        (root / path).write_bytes(texts[path])
    data = texts[paths[0]]
    (bare / "spec.md").write_bytes(data)

    def replace() -> None:
        directory = os.open(bare, os.O_RDONLY | os.O_DIRECTORY)
        file = os.open("spec.tmp", os.O_WRONLY | os.O_CREAT | os.O_EXCL, dir_fd=directory)
        os.write(file, edited(data))
        os.fsync(file)
        os.close(file)
        os.rename("spec.tmp", "spec.md", src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
        os.close(directory)

    works: dict[str, Callable[[], object]] = {
        "bare": lambda: [replace() for _ in range(TURN)],
        "commit": lambda: [commit(paths[:1]) for _ in range(TURN)],
        "batch": lambda: [commit(paths) for _ in range(TURN // FILES)],
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    os.sync()  # what others have left to write is not on the bill
    for turn in range(int(rounds) + 1):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            if turn:  # the first warms up
                taken[name].append(time.perf_counter() - started)
    documents.close()
    print(json.dumps(taken))


if __name__ == "__main__":
    main(*sys.argv[1:])
