"""Events as JSON lines, appended by any number of processes at once.

Every line is one `write` to a descriptor opened with O_APPEND, which the system does not interleave, so
appending needs no lock. A process killed inside that write leaves a torn line; the next writer ends it, and
only the torn record is lost. A file that grew too large is renamed under a lock on a file beside it; who
still holds the old file open writes into the renamed one, and nothing is lost.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.adapters.state_directory import STATE_DIRECTORY, have_git_ignore

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock

SCHEMA = 1


class NoEvents:
    """Keeps nothing, for `events.enabled: false`."""

    degraded: tuple[str, ...] = ()

    def append(self, event: Mapping[str, object]) -> None:
        pass


class JsonlEventLog:
    """Appends to `path`, which is put aside beyond `max_bytes`.

    `inside`, when given, is a directory that the file must not escape through a link. Texts in `secrets` are
    blotted out wherever they occur. What could not be written is told in `degraded`, each reason once.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        max_bytes: int,
        inside: Path | None = None,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self._path = path
        self._clock = clock
        self._max_bytes = max_bytes
        self._inside = None if inside is None else os.path.realpath(inside)
        self._secrets = tuple(json.dumps(secret, ensure_ascii=False)[1:-1] for secret in secrets if secret)
        self._reasons: dict[str, None] = {}

    @property
    def degraded(self) -> tuple[str, ...]:
        """Why events are missing; empty when none are."""
        return tuple(self._reasons)

    def append(self, event: Mapping[str, object]) -> None:
        line = self._line(event)
        try:
            self._write(line)
        except OSError as error:
            self._reasons[f"{self._path}: {error.strerror or error}"] = None

    def _line(self, event: Mapping[str, object]) -> bytes:
        now = self._clock.now()
        record = {
            "schema": SCHEMA,
            "event_id": _event_id(now.timestamp()),
            "ts": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **event,
        }
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), default=str)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text.encode("utf-8", "backslashreplace") + b"\n"

    def _write(self, line: bytes) -> None:
        descriptor = self._open()
        try:
            size = os.fstat(descriptor).st_size
            if size + len(line) > self._max_bytes and size > 0:
                self._put_aside(len(line))
                os.close(descriptor)
                descriptor = self._open()
                size = os.fstat(descriptor).st_size
            if size > 0 and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes were written")
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        # A link or pipe put in the file's place must not lead the write elsewhere or block it.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._check_directory()
        try:
            return os.open(self._path, flags, 0o600)
        except FileNotFoundError:
            _make_state_directory(self._path.parent)
            return os.open(self._path, flags, 0o600)

    def _check_directory(self) -> None:
        if self._inside is None:
            return
        real = Path(os.path.realpath(self._path.parent))
        if not real.is_relative_to(self._inside):
            raise OSError("a link leads out of the project")

    def _put_aside(self, more: int) -> None:
        import fcntl

        lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Whoever waited for the lock finds the new file and leaves it.
            state = os.stat(self._path, follow_symlinks=False)
            if stat.S_ISREG(state.st_mode) and state.st_size + more > self._max_bytes:
                os.rename(self._path, self._free_name())
        except FileNotFoundError:
            pass  # put aside by another just now, and no new one begun yet
        finally:
            os.close(lock)

    def _free_name(self) -> Path:
        """`metrics-20260131T120000Z.jsonl`, with a number behind it when that is taken."""
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
        number = 0
        while True:
            counter = f"-{number}" if number else ""
            name = self._path.with_name(f"{self._path.stem}-{stamp}{counter}{self._path.suffix}")
            if not name.exists():
                return name
            number += 1


def _event_id(seconds: float) -> str:
    """32 hexadecimal digits: 12 of the time in milliseconds, so that ids sort by it, and 20 of chance."""
    return f"{int(seconds * 1000):012x}{os.urandom(10).hex()}"


def _make_state_directory(directory: Path) -> None:
    """Make the directory; git is told to ignore one that is made here."""
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        if directory.name == STATE_DIRECTORY:
            have_git_ignore(directory)
