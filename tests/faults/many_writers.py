"""One of many processes that update the same file: `python -m tests.faults.many_writers ROOT NAME TIMES`.

Each update appends a line with the writer's name and number to what is there at that moment.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.scenarios import AUTH
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.domain.review.draft import Author, AuthorKind, FileChange, draft_of


def main(root: str, name: str, times: str) -> None:
    documents = DocumentsOnDisk(Path(root), clock=SystemClock(), lock_timeout=300)
    author = Author(kind=AuthorKind.RULE, name=name)
    for number in range(int(times)):
        with documents.lock():
            before = documents.read(AUTH) or b""
            after = before + f"{name} {number}\n".encode()
            documents.commit(draft_of([FileChange(path=AUTH, before=before or None, after=after)], author=author))


if __name__ == "__main__":
    main(*sys.argv[1:])
