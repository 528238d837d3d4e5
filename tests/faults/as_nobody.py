"""A commit by a person without rights, for tests that run as root: `as_nobody.py ROOT WARM`.

Prints the error of a commit below ROOT, whose `openspec/specs/auth` may not be written. Everything is imported, and a
commit below WARM carried out, while it may still be read where the interpreter lies.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.faults.scenarios import ADA, AUTH, FILES, MAIL, open_documents
from workflow_cli.domain.review.draft import FileChange, draft_of
from workflow_cli.errors import DocumentError

NOBODY = 65534


def main(root: Path, warm: Path) -> None:
    changes = [FileChange(path=path, before=FILES.get(path), after=b"new") for path in (AUTH, MAIL)]
    open_documents(warm).commit(draft_of(changes, author=ADA))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    documents = open_documents(root)
    try:
        documents.commit(draft_of(changes, author=ADA))
    except DocumentError as error:
        print(f"{error}; {len(documents.revisions())} revisions")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
