"""Makes the commit of one scenario: `python -m tests.faults.commit_once ROOT SCENARIO`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.scenarios import SCENARIOS, open_documents


def main(root: str, name: str) -> None:
    documents = open_documents(Path(root))
    documents.commit(SCENARIOS[name].draft)
    documents.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
