"""The lock on a tree: one writer at a time, of all processes and threads.

The lock is `flock` on `.workflow/lock`, so the system lets go of it when its holder dies. Before it stands a
turnstile, `.workflow/lock.next`: whoever waits for the lock holds it, and a process that has just written must
pass it again like everybody else. So no process can keep the others out by coming back quickly.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from workflow_cli.adapters.state_file import unreadable
from workflow_cli.errors import DocumentError

LOCK = "lock"
TURNSTILE = "lock.next"
_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_FIRST_PAUSE = 0.0002
_PAUSE_AT_LOCK = 0.002
_PAUSE_AT_TURNSTILE = 0.02


class _Held:
    """What this process holds of one lock file; `threads` keeps its threads apart."""

    def __init__(self) -> None:
        self.threads = threading.RLock()
        self.depth = 0
        self.descriptor = -1


_held: dict[str, _Held] = {}


def _forget_after_fork() -> None:
    """A child holds nothing; closing its copies leaves the parent's lock as it is."""
    for held in _held.values():
        if held.descriptor >= 0:
            os.close(held.descriptor)
        held.depth, held.descriptor = 0, -1
    _held.clear()


os.register_at_fork(after_in_child=_forget_after_fork)


@lru_cache(maxsize=1)
def _signature(pid: int) -> bytes:
    program, *arguments = sys.argv or [""]
    command = " ".join([os.path.basename(program) or "python", *arguments])[:200]
    return json.dumps({"pid": pid, "command": command}).encode()


class TreeLock:
    """The lock of the tree whose state lives in `directory`, which must exist when the lock is taken.

    A thread that holds it may take it again, through this object or another one. Tasks of one event loop share
    a thread, and so must not hold it while they wait.
    """

    def __init__(self, directory: Path, *, timeout: float) -> None:
        self._path = os.path.join(directory, LOCK)
        self._turnstile = os.path.join(directory, TURNSTILE)
        self._name = os.path.realpath(directory)
        self._timeout = timeout

    @contextlib.contextmanager
    def hold(self) -> Iterator[bool]:
        """Hold the lock; gives whether it was taken just now rather than held already.

        Raises DocumentError when it is not free after `timeout` seconds, naming who holds it.
        """
        held = _held.setdefault(self._name, _Held())
        deadline = time.monotonic() + self._timeout
        if not held.threads.acquire(timeout=self._timeout):
            raise self._busy("another thread of this process")
        try:
            if held.depth == 0:
                held.descriptor = self._take(deadline)
            held.depth += 1
            try:
                yield held.depth == 1
            finally:
                held.depth -= 1
                if held.depth == 0:
                    # Unlocked by name, because a forked child may share the open file.
                    fcntl.flock(held.descriptor, fcntl.LOCK_UN)
                    os.close(held.descriptor)
                    held.descriptor = -1
        finally:
            held.threads.release()

    @contextlib.contextmanager
    def keep_writers_out(self) -> Iterator[None]:
        """Until this is left, nobody else writes. It writes nothing itself, and is for moments: it passes no turnstile.

        Raises DocumentError as `hold` does.
        """
        held = _held.setdefault(self._name, _Held())
        deadline = time.monotonic() + self._timeout
        if not held.threads.acquire(timeout=self._timeout):
            raise self._busy("another thread of this process")
        try:
            descriptor = -1 if held.depth else self._shared(deadline)
            try:
                yield
            finally:
                if descriptor >= 0:
                    os.close(descriptor)
        finally:
            held.threads.release()

    def _shared(self, deadline: float) -> int:
        """A descriptor that holds the lock beside other readers; -1 where nobody can hold it, or it is not to be opened."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return -1
        return self._wait(descriptor, fcntl.LOCK_SH, deadline, _PAUSE_AT_LOCK)

    def _take(self, deadline: float) -> int:
        while True:
            turnstile = self._locked(self._turnstile, deadline, _PAUSE_AT_TURNSTILE)
            try:
                lock = self._locked(self._path, deadline, _PAUSE_AT_LOCK)
            finally:
                os.close(turnstile)
            try:
                if self._is_current(lock):
                    self._sign(lock)
                    return lock
            except BaseException:
                os.close(lock)
                raise
            os.close(lock)  # `.workflow` was thrown away meanwhile

    def _locked(self, path: str, deadline: float, longest_pause: float) -> int:
        try:
            descriptor = os.open(path, _OPEN, 0o666)
        except OSError as error:
            raise unreadable(error, Path(path), what="cannot lock the tree: {}") from error
        return self._wait(descriptor, fcntl.LOCK_EX, deadline, longest_pause)

    def _wait(self, descriptor: int, kind: int, deadline: float, longest_pause: float) -> int:
        """The descriptor, once it is locked; else it is closed."""
        pause = _FIRST_PAUSE
        try:
            while True:
                try:
                    fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
                    return descriptor
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise self._busy(self._holder()) from None
                time.sleep(pause)
                pause = min(pause * 2, longest_pause)
        except BaseException:
            os.close(descriptor)
            raise

    def _is_current(self, descriptor: int) -> bool:
        try:
            there = os.stat(self._path, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(os.fstat(descriptor), there)

    @staticmethod
    def _sign(descriptor: int) -> None:
        """Write down who holds it, for the message others may need."""
        signature = _signature(os.getpid())
        if os.pread(descriptor, 4096, 0) != signature:
            # A full disk is no reason to fail here: only the name of the holder would be missing.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, signature, 0)

    def _holder(self) -> str:
        try:
            signature = json.loads(Path(self._path).read_bytes())
            return f"process {signature['pid']} ({signature['command']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def _busy(self, holder: str) -> DocumentError:
        return DocumentError(
            f"the tree has been locked for {self._timeout:g} s by {holder}",
            where=self._path,
            hint="wait until it ends, or set documents.lock_timeout",
        )
