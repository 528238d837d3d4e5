"""The Markdown reader and the merge by themselves, and documents that are refused.

Measured in a process of its own, so that nothing of it counts for the memory of the others.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from figures import Group, Target, milliseconds
from made_trees import Writer, growing
from measure import Command, output_of, side_by_side
from places import WORKFLOW, forget

HUGE = 100 * 1024 * 1024
#: Bytes below the limit that make a careless reader slow.
HARD = {
    "500,000 opening brackets": b"[" * 500_000,
    "100,000 nested quotes": b">" * 100_000 + b" a",
    "200,000 backticks of growing runs": b" ".join(b"`" * n for n in range(1, 632)),
    "one line of 1 MB": b"a" * 1_000_000,
    "300,000 unclosed comments": b"<!-- " * 60_000,
}


def measure(scratch: Path, rounds: int) -> Group:
    figures = json.loads(output_of(__file__))
    rows = [(name, value) for name, value in figures.items()]
    root = scratch / "huge"
    growing(root, 2)
    spec = root / "openspec/specs/huge/spec.md"
    spec.parent.mkdir(parents=True)
    with spec.open("wb") as file:
        file.truncate(HUGE)
    commands = [
        _process("the same tree without it", root / "small", []),
        _process("a tree with a document of 100 MB", root, [3]),
    ]
    growing(root / "small", 2)
    results = side_by_side(commands, rounds)
    rows += [(name, milliseconds(runs.median)) for name, runs in results.items()]
    for number, (name, data) in enumerate(HARD.items()):
        tree = scratch / f"hard-{number}"
        growing(tree, 2)
        path = tree / "openspec/specs/hard/spec.md"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"## Purpose\n\n## Requirements\n\n### Requirement: A\nIt SHALL.\n\n" + data + b"\n")
        runs = side_by_side([_process(name, tree, [])], 1)[name]
        rows.append((f"`process --all`, every step, {name}", milliseconds(runs.median)))
    small, huge = (results[command.name].median for command in commands)
    return Group(
        title="Reader, merge, hard documents",
        columns=("what", "figure"),
        rows=rows,
        targets=[Target(what="refusing 100 MB, beside the same tree without", figure=huge / small, limit=1.5)],
    )


def _process(name: str, root: Path, also: list[int]) -> Command:
    return Command(
        name=name,
        arguments=[WORKFLOW, "process", "--all", "--format", "json"],
        directory=root,
        prepare=partial(forget, root),
        statuses=frozenset({0, 1, 4, *also}),
    )


def _best(work: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    from workflow_cli.domain.markdown.parse import parse
    from workflow_cli.domain.markdown.source import Source
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.check import check_change, check_spec
    from workflow_cli.domain.openspec.document import Document
    from workflow_cli.domain.openspec.spec import read_spec

    writer = Writer()
    data = writer.spec("large", 1_500).encode()
    delta = writer.delta(1_501, 1_500).encode()

    def document(content: bytes) -> Document:
        return Document(file="openspec/specs/large/spec.md", data=content)

    def validate() -> None:
        check_spec(read_spec("large", document(data)))

    def rehearse() -> None:
        change = Change(name="c", directory="openspec/changes/c", delta_documents=(("large", document(delta)),))
        check_change(change, lambda _id: document(data))

    size = len(data) / 1e6
    figures = {
        f"Markdown tree with byte spans ({size:.1f} MB)": f"{size / _best(lambda: parse(Source(data))):.1f} MB/s",
        "validating a spec": f"{size / _best(validate):.1f} MB/s",
        "validating a change, its archiving rehearsed": f"{(size + len(delta) / 1e6) / _best(rehearse):.1f} MB/s",
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
