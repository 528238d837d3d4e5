"""Makes one write to the queue of questions: `python -m tests.faults.question_once ROOT NAME`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.question_kills import WRITES, opened


def main(root: str, name: str) -> None:
    store = opened(Path(root))
    WRITES[name](store)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
