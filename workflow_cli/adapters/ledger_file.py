"""The loop's ledger: a file of JSON lines that only grows, each record on the disk before it counts.

A process that is killed inside a write leaves a torn line. The next append ends it, and reading sets it aside; all
records before it are whole. One process at a time may append: whoever does not get the lock leaves at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from workflow_cli.adapters.key_file import make_key
from workflow_cli.adapters.lone_process import held, is_held
from workflow_cli.adapters.state_file import is_there, unreadable
from workflow_cli.domain.improvement.record import Reading, Record, RecordType, read_lines, seal
from workflow_cli.errors import DocumentError

_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_KEY_BYTES = 32


class LedgerFile:
    """`key` signs the records, see `ledger_key`. The directory of `path` must exist.

    `reached` is the `seq` and `hash` of a record that was on the disk before, where that is remembered.
    """

    def __init__(self, path: Path, *, key: bytes = b"", reached: tuple[int, str] | None = None) -> None:
        self._path = path
        self._key = key
        self._reached = reached
        self._last: Record | None = None
        self._end = -1

    def hold(self) -> AbstractContextManager[bool]:
        """Whether this process may append; False at once where another one may. Raises DocumentError where that cannot be told."""
        return held(self._lock)

    def is_held(self) -> bool:
        """Whether some process may append now; nothing is made for it."""
        return is_held(self._lock)

    @property
    def _lock(self) -> Path:
        return self._path.with_name(f"{self._path.name}.lock")

    @property
    def last(self) -> Record | None:
        """The last record that was read or written."""
        return self._last

    def read(self) -> Reading:
        """Raises DocumentError where the file is there and cannot be read."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            data = b""
        except OSError as error:
            raise unreadable(error, self._path, what="cannot read the ledger: {}") from error
        reading = read_lines(data.split(b"\n"), key=self._key)
        if self._reached is not None:
            reading = reading.known_to_reach(*self._reached)
        self._last, self._end = reading.last, len(data)
        return reading

    def append(self, type: RecordType, body: Mapping[str, Any], *, at: float) -> Record:
        """Raises DocumentError where the record is not on the disk for sure; then the ledger is as it was, for a reader."""
        try:
            return self._append(type, body, at)
        except OSError as error:
            self._end = -1
            raise DocumentError(f"cannot write the ledger: {error.strerror or error}", where=str(self._path)) from error

    def _append(self, type: RecordType, body: Mapping[str, Any], at: float) -> Record:
        new = not is_there(self._path)
        descriptor = os.open(self._path, _APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size != self._end:
                self.read()  # somebody else wrote, or nothing was read yet
            record = seal(self._last, type, body, at=at, key=self._key)
            line = record.line
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line
            written = os.write(descriptor, line)
            if written != len(line):
                raise OSError(f"only {written} of {len(line)} bytes were written")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            _sync_directory(self._path.parent)
        self._last, self._end = record, size + len(line)
        return record


def ledger_key(path: Path) -> bytes:
    """The key in a file that only its owner can read, made where there is none. Raises DocumentError."""
    doing = "read"
    try:
        if not is_there(path):
            doing = "write"
            make_key(path, _KEY_BYTES)
            _sync_directory(path.parent)
        key = path.read_bytes()
    except OSError as error:
        raise unreadable(error, path, what=f"cannot {doing} the key of the ledger: {{}}") from error
    if len(key) != _KEY_BYTES:
        raise DocumentError(
            "the key of the ledger is damaged",
            where=str(path),
            hint="put the ledger and its key aside; the loop begins anew, and settings stay as they are",
        )
    return key


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
