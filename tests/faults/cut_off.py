"""A commit of two files that stops dead after its first rename: `python -m tests.faults.cut_off ROOT`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.faults.scenarios import ADA, AUTH, FILES, MAIL, open_documents
from tests.faults.write_points import watched
from workflow_cli.domain.review.draft import FileChange, draft_of

AFTER = {AUTH: b"ours auth", MAIL: b"ours mail"}


def main(root: str) -> None:
    seen: list[str] = []

    def hook(name: str) -> None:
        if "rename" in seen:
            os.kill(os.getpid(), signal.SIGKILL)
        seen.append(name)

    changes = [FileChange(path=path, before=FILES[path], after=after) for path, after in AFTER.items()]
    with watched(hook):
        open_documents(Path(root)).commit(draft_of(changes, author=ADA))


if __name__ == "__main__":
    main(*sys.argv[1:])
