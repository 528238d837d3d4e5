"""Other processes that read stretches of a long log: one each, and then what is left, whoever has time for it.

What is left is taken by reading one byte from a pipe that all of them have: its number. So a process on a slow or busy
core reads less of it, and none waits long for another.
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from workflow_cli.adapters.metrics_log.blocks import BLOCK
from workflow_cli.adapters.metrics_log.files import Part
from workflow_cli.adapters.metrics_log.stretch import Stretch, bare_stretch, read_stretch, stretch_of
from workflow_cli.domain.feedback.fold import Fold, Genuine

#: Overlays of experiments, as JSON.
Arms = Sequence[Mapping[str, Any]]


def genuine_of(arms: Arms) -> Genuine | None:
    if not arms:
        return None
    from workflow_cli.domain.improvement.arms import genuine_by, overlay_from

    return genuine_by({str(overlay["experiment"]): overlay_from(overlay) for overlay in arms})


class Helpers:
    """As many processes as `count` beside this one. Number n reads stretch n first; those after `count` are left."""

    def __init__(self, fold: Fold, stretches: Sequence[Sequence[Part]], count: int, arms: Arms) -> None:
        self._left, numbers = os.pipe()
        os.write(numbers, bytes(range(count + 1, len(stretches))))
        os.close(numbers)
        task = (
            list(sys.path),
            fold.latest,
            fold.hours_from,
            list(arms),
            BLOCK,
            [[(part.path, part.start, part.end) for part in stretch] for stretch in stretches],
            self._left,
        )
        self._processes: list[subprocess.Popen[bytes]] = []
        with contextlib.suppress(OSError):  # there may be no more processes; their stretches are read here
            for number in range(1, count + 1):
                self._processes.append(self._start(marshal.dumps((*task, number))))

    def _start(self, task: bytes) -> subprocess.Popen[bytes]:
        """The same interpreter with the same paths; what it is to read comes on its stdin."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._left,),
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died; its stretch is read here
            process.stdin.write(task)
            process.stdin.close()
        process.stdin = None
        return process

    def next_left(self) -> int | None:
        """The number of a stretch that nobody reads yet: the caller does now. None where none is left."""
        return _next_left(self._left)

    def results(self) -> dict[int, Stretch]:
        """What they made, by number, when all of them are done; a process that died made nothing."""
        made: dict[int, Stretch] = {}
        for process in self._processes:
            data, _ = process.communicate()
            if process.returncode == 0:
                made.update((number, stretch_of(told)) for number, told in marshal.loads(data))
        return made

    def close(self) -> None:
        os.close(self._left)
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


_PROGRAM = """
import marshal, sys
path, *task = marshal.load(sys.stdin.buffer)
sys.path[:] = path
from workflow_cli.adapters.metrics_log.helpers import help_reading
sys.stdout.buffer.write(marshal.dumps(help_reading(*task)))
"""


def help_reading(
    latest: float,
    hours_from: int,
    arms: Arms,
    size: int,
    stretches: Sequence[Sequence[tuple[str, int, int]]],
    left: int,
    number: int | None,
) -> list[tuple[int, tuple[object, ...]]]:
    """What a process does for another: the stretch of the number, and those that are left."""
    gc.disable()
    like = Fold(latest=latest, hours_from=hours_from, genuine=genuine_of(arms))
    made = []
    while number is not None:
        parts = [Part(path=path, start=start, end=end) for path, start, end in stretches[number]]
        made.append((number, bare_stretch(read_stretch(like, parts, size))))
        number = _next_left(left)
    return made


def _next_left(left: int) -> int | None:
    taken = os.read(left, 1)
    return taken[0] if taken else None
