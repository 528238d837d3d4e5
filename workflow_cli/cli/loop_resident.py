"""`workflow loop --every`: a cycle at each beat, until somebody stops the loop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.cli.invocation import Invocation

#: How long a loop that was stopped may go on sleeping.
_NAP = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """What came of a beat; `held` tells whether no other loop was at it."""

    held: bool
    code: int


def beat_until_stopped(
    call: Invocation, pause: float, beat: Callable[[], Beat], *, ledger: Path, stopped: Callable[[], str | None]
) -> int:
    """The status of the worst beat. `stopped` reads from the ledger why the loop was stopped.

    Beats keep to the clock, however long each takes; one that comes too late is left out. What goes wrong in a later beat is
    said once, and tried again: somebody may be just writing the settings.
    """
    watch = _Watch(ledger, stopped)
    began, worst, said, first = time.monotonic(), 0, None, True
    while True:
        try:
            done = beat()
        except WorkflowError as error:
            if first:
                raise
            done = Beat(held=True, code=error.exit_code)
            if str(error) != said:
                call.note(one_line(f"put off: {error}"))
            said = str(error)
        else:
            said = None
        if first and not done.held:
            return 0
        first, worst = False, max(worst, done.code)
        due = began + ((time.monotonic() - began) // pause + 1) * pause
        while True:
            if (reason := watch.stopped()) is not None:
                call.note(one_line(f"{reason}: ended; it goes on after `workflow loop resume`"))
                return worst
            left = due - time.monotonic()
            if left <= 0:
                break
            time.sleep(min(left, _NAP))


class _Watch:
    """Reads the ledger only where it changed."""

    def __init__(self, ledger: Path, stopped: Callable[[], str | None]) -> None:
        self._ledger = ledger
        self._stopped = stopped
        self._seen: tuple[int, int, int] | None = None

    def stopped(self) -> str | None:
        try:
            found = os.stat(self._ledger)
        except OSError:
            return None
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if stamp == self._seen:
            return None
        try:
            reason = self._stopped()
        except WorkflowError:
            return None  # the next beat says what is wrong
        self._seen = stamp
        return reason
