"""The command `workflow` as it is at another moment: `python -m bench.at_moment 2026-03-02T07:00:00+00:00 loop --once`.

The clock of the machine is all that is replaced, and chance, so that it happens again in the same way.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta
from random import Random

from workflow_cli.__main__ import main as workflow
from workflow_cli.adapters.clock import SystemClock


def main() -> int:
    moment, *arguments = sys.argv[1:]
    at, started = datetime.fromisoformat(moment), time.monotonic()

    def now(_: SystemClock) -> datetime:
        return at + timedelta(seconds=time.monotonic() - started)

    SystemClock.now = now  # type: ignore[method-assign]
    os.urandom = Random(moment).randbytes
    return workflow(arguments)


if __name__ == "__main__":
    sys.exit(main())
