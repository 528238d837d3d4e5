"""Two waits for the disk at once."""

from __future__ import annotations

# Not `threading`, which takes longer to import than is saved by one commit.
import _thread
import os
from collections.abc import Callable


class _Helper:
    """A thread that is kept for the next time: starting one takes as long as a quick disk."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.busy = False
        self._work: Callable[[], None] | None = None
        self._failed: BaseException | None = None
        self._finished = False
        self._wanted = _thread.allocate_lock()
        self._done = _thread.allocate_lock()
        self._wanted.acquire()
        self._done.acquire()
        _thread.start_new_thread(self._serve, ())

    def begin(self, work: Callable[[], None]) -> None:
        self.busy = True
        self._work, self._failed, self._finished = work, None, False
        self._wanted.release()

    def end(self) -> BaseException | None:
        """What the work raised. Waits for it in any case; an interrupt meanwhile is raised after that."""
        interrupt: BaseException | None = None
        while self.busy:  # else an interrupt came before the work could begin
            try:
                self._done.acquire()
                break
            except BaseException as error:
                interrupt = error
                if self._finished:
                    break
        if interrupt is not None:
            raise interrupt  # and stays busy, because nobody knows in which state that left the lock
        self.busy = False
        return self._failed

    def _serve(self) -> None:
        while True:
            self._wanted.acquire()
            try:
                assert self._work is not None
                self._work()
            except BaseException as error:
                self._failed = error
            self._work = None
            self._finished = True
            self._done.release()


_helper: _Helper | None = None


def side_by_side(one: Callable[[], None], other: Callable[[], None]) -> None:
    """Both are done when this returns; `other` runs in this thread. Raises what either raised, that of `other` first."""
    global _helper
    helper = _helper
    # A forked child has no thread but its own, and a busy one belongs to another thread or was interrupted.
    if helper is None or helper.process != os.getpid() or helper.busy:
        helper = _helper = _Helper()
    failed: BaseException | None = None
    try:
        helper.begin(one)
        other()
    finally:
        failed = helper.end()
    if failed is not None:
        raise failed
