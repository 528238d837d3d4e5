"""Runs a program within limits of time and output, and ends everything it started.

On Linux this process adopts whatever the program leaves behind, so that what goes into the background, in a session of
its own, is still found below it. Elsewhere what carries the mark of the run in its environment, or is still in its session, is.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: What is kept of the output: its end, where programs say what went wrong.
_KEPT = 8192
_MARK = "WORKFLOW_CONTAINED"
_CHUNK = 65536
_POLL = 0.1
_ROUNDS = 200
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """`status` is None where the program was ended from here: its time was up, or it said more than it may."""

    status: int | None
    late: bool
    flooded: bool
    tail: str
    seconds: float


def run_contained(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    given: bytes,
    seconds: float,
    most_output: int,
) -> Ended:
    """`given` is its standard input. When this returns, nothing that the program started is running.

    Raises OSError where the program cannot be started.
    """
    import tempfile

    mark = secrets.token_hex(16)
    started = time.monotonic()
    with _adopting(), tempfile.TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        others = _children()
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env={**environment, _MARK: mark},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        family = _Family(leader=process.pid, mark=mark, others=others)
        output = _Output(process, most_output)
        late = False
        try:
            while process.poll() is None and not output.flooded:
                if time.monotonic() - started >= seconds:
                    late = True
                    break
                output.read(_POLL)
        finally:
            status = None if late or output.flooded else process.poll()
            _end_all(process, family)
            output.read(0)
            output.close()
    return Ended(
        status=status,
        late=late,
        flooded=output.flooded,
        tail=output.tail,
        seconds=time.monotonic() - started,
    )


class _Output:
    """Reads without ever waiting for an end: whoever holds the pipe may never let go of it."""

    def __init__(self, process: subprocess.Popen[bytes], most: int) -> None:
        assert process.stdout is not None
        self._stream = process.stdout
        self._most = most
        self._kept = b""
        self._total = 0
        self._open = True
        os.set_blocking(self._stream.fileno(), False)

    def read(self, seconds: float) -> None:
        import select

        if not self._open:
            time.sleep(seconds)
            return
        ready, _, _ = select.select([self._stream], [], [], seconds)
        while ready and not self.flooded:
            try:
                data = os.read(self._stream.fileno(), _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._open = False
                return
            self._total += len(data)
            self._kept = (self._kept + data)[-_KEPT:]

    @property
    def flooded(self) -> bool:
        return self._total > self._most

    @property
    def tail(self) -> str:
        return self._kept.decode("utf-8", "replace")

    def close(self) -> None:
        self._stream.close()


def end_left_behind(directory: Path) -> None:
    """End what runs in a directory from a run whose own end nobody saw to: this process was killed then."""
    for pid in _processes()[0]:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cwd").resolve().is_relative_to(directory.resolve()) and _is_marked(pid, _MARK):
                os.kill(pid, signal.SIGKILL)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Family:
    """`others` are children of this process that were there before; `leader` is the program, and its session."""

    leader: int
    mark: str
    others: frozenset[int]

    def members(self) -> list[int]:
        """Whoever is below the program or was adopted, carries its mark, or is still in its session."""
        own = os.getpid()
        parents, sessions = _processes()
        adopted = {pid for pid, parent in parents.items() if parent == own} - self.others
        below = {self.leader, *adopted}
        while more := {pid for pid, parent in parents.items() if pid not in below and parent in below}:
            below |= more
        below |= {pid for pid, session in sessions.items() if session == self.leader}
        below |= {pid for pid in parents if pid not in below and pid != own and _is_marked(pid, self.mark)}
        return sorted((below & parents.keys()) - {own, self.leader})


def _end_all(process: subprocess.Popen[bytes], family: _Family) -> None:
    """End what is there until nothing is there any more: a program that forks is looked for again and again."""
    for round in range(_ROUNDS):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        found = family.members()
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if process.poll() is not None and not found:
            break
        time.sleep(0.005 if round < 20 else 0.05)
    _reap(family)


def _reap(family: _Family) -> None:
    """What was adopted and has ended does not stay as the dead it is."""
    for pid in _children() - family.others - {family.leader}:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _children() -> frozenset[int]:
    """Of this process, the dead included."""
    if sys.platform != "linux":
        return frozenset()
    found: set[int] = set()
    for task in os.listdir("/proc/self/task"):
        with contextlib.suppress(OSError):
            found |= set(map(int, Path(f"/proc/self/task/{task}/children").read_text("ascii").split()))
    return frozenset(found)


def _processes() -> tuple[dict[int, int], dict[int, int]]:
    """The parent and the session of each process that is not dead."""
    parents: dict[int, int] = {}
    sessions: dict[int, int] = {}
    for pid, parent, session, state in _listed_in_proc() if sys.platform == "linux" else _listed_by_ps():
        if state[:1] not in ("Z", "X"):
            parents[pid], sessions[pid] = parent, session
    return parents, sessions


def _listed_in_proc() -> Iterator[tuple[int, int, int, str]]:
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError):
                fields = Path(f"/proc/{entry}/stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
                yield int(entry), int(fields[1]), int(fields[3]), fields[0]


def _listed_by_ps() -> Iterator[tuple[int, int, int, str]]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,sess=,stat="], capture_output=True, check=False)
    for line in listed.stdout.decode("ascii", "replace").splitlines():
        pid, parent, session, state = line.split()[:4]
        yield int(pid), int(parent), int(session) if session.isdigit() else 0, state


def _is_marked(pid: int, mark: str) -> bool:
    try:
        return mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


@contextlib.contextmanager
def _adopting() -> Iterator[None]:
    """As long as it lasts, what loses its parent becomes this process's own child instead of init's."""
    if sys.platform != "linux":
        yield
        return
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        library.prctl(_SUBREAPER, 0, 0, 0, 0)
