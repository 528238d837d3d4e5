"""Other processes that read pieces of a long log."""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from workflow_cli.adapters.metrics_log.claims import Claims, nothing_claimed
from workflow_cli.adapters.metrics_log.files import Part
from workflow_cli.adapters.metrics_log.stretch import Stretch, read_stretches
from workflow_cli.domain.feedback.fold import Fold, Genuine

#: Overlays of experiments, as JSON.
Arms = Sequence[Mapping[str, Any]]


def genuine_of(arms: Arms) -> Genuine | None:
    if not arms:
        return None
    from workflow_cli.domain.improvement.arms import genuine_by, overlay_from

    return genuine_by({str(overlay["experiment"]): overlay_from(overlay) for overlay in arms})


class Helpers:
    """As many processes as `count` less this one, which is number 0; fewer where the system has no more.

    `claims` are those of this one; lines are taken `block` bytes at a time by all of them. Raises OSError where there is no room for the claims.
    """

    def __init__(self, fold: Fold, pieces: Sequence[Sequence[Part]], count: int, arms: Arms, *, block: int) -> None:
        self._claimed = nothing_claimed(len(pieces))
        self.claims = Claims(self._claimed, pieces=len(pieces), process=0, count=count)
        task = (
            list(sys.path),
            fold.latest,
            fold.hours_from,
            list(arms),
            block,
            [[(part.path, part.start, part.end) for part in piece] for piece in pieces],
            self._claimed,
            count,
        )
        self._processes: list[subprocess.Popen[bytes]] = []
        with contextlib.suppress(OSError):  # then the others read what it would have read
            for number in range(1, count):
                self._processes.append(self._start(marshal.dumps((*task, number))))

    def _start(self, task: bytes) -> subprocess.Popen[bytes]:
        """The same interpreter with the same paths; what it is to read comes on its stdin."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._claimed,),
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died
            process.stdin.write(task)
            process.stdin.close()
        process.stdin = None
        return process

    def results(self) -> list[Stretch]:
        """What they made, when all of them are done; a process that died made nothing."""
        made: list[Stretch] = []
        for process in self._processes:
            data, _ = process.communicate()
            if process.returncode == 0:
                made += (Stretch(*parts) for parts in marshal.loads(data))
        return made

    def close(self) -> None:
        os.close(self._claimed)
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


_PROGRAM = """
import marshal, os, sys
path, *task = marshal.load(sys.stdin.buffer)
sys.path[:] = path
from workflow_cli.adapters.metrics_log.helpers import help_reading
sys.stdout.buffer.write(marshal.dumps(help_reading(*task)))
sys.stdout.flush()
os._exit(0)  # the other process waits for the end, and to take everything apart takes its time
"""


def help_reading(
    latest: float,
    hours_from: int,
    arms: Arms,
    size: int,
    pieces: Sequence[Sequence[tuple[str, int, int]]],
    claimed: int,
    count: int,
    number: int,
) -> list[tuple[object, ...]]:
    """What process `number` does for another."""
    gc.disable()
    like = Fold(latest=latest, hours_from=hours_from, genuine=genuine_of(arms))
    parts = [[Part(path=path, start=start, end=end) for path, start, end in piece] for piece in pieces]
    claims = Claims(claimed, pieces=len(pieces), process=number, count=count)
    # As tuples, for `marshal` has nothing else.
    return [
        tuple(getattr(stretch, name) for name in Stretch.__slots__)
        for stretch in read_stretches(like, parts, iter(claims), size)
    ]
