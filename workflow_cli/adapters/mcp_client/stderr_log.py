"""What server programs say on stderr, kept in files that stay small, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from workflow_cli.adapters.state_directory import STATE_DIRECTORY, make_state_directory
from workflow_cli.errors import DocumentError

MAX_BYTES = 256 * 1024


class StderrLog:
    """`.workflow/logs/mcp-NAME.log`; beyond the limit it is begun anew, and one file of before is kept.

    A log that cannot be written is no reason to stop: what would be in it is lost.
    """

    def __init__(self, root: Path, server: str) -> None:
        self._root = root
        self._path = root / STATE_DIRECTORY / "logs" / f"mcp-{server}.log"
        self._file: BinaryIO | None = None
        self._size = 0
        self.is_empty = True
        """Whether nothing has been written by this process."""

    @property
    def place(self) -> str | None:
        """Where it can be read, from the root of the tree."""
        return f"{STATE_DIRECTORY}/logs/{self._path.name}"

    def write(self, data: bytes) -> None:
        try:
            file = self._open()
            if self._size + len(data) > MAX_BYTES and self._size:
                file = self._begin_anew(file)
            file.write(data[-MAX_BYTES:])
            file.flush()
            self.is_empty = False
            self._size += min(len(data), MAX_BYTES)
        except (OSError, DocumentError):
            self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> BinaryIO:
        if self._file is None:
            make_state_directory(self._root)
            self._path.parent.mkdir(mode=0o700, exist_ok=True)
            if self._path.parent.is_symlink():
                raise OSError("a link could lead out of the tree")
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            descriptor = os.open(self._path, flags, 0o600)
            self._file = os.fdopen(descriptor, "ab")
            self._size = os.fstat(descriptor).st_size
        return self._file

    def _begin_anew(self, file: BinaryIO) -> BinaryIO:
        file.close()
        self._file = None
        os.replace(self._path, self._path.with_suffix(".log.1"))
        return self._open()


class UnkeptLog:
    """Takes the same and keeps nothing, for a look that must leave nothing behind; it may hold secrets, so it is not shown."""

    place: str | None = None

    def __init__(self) -> None:
        self.is_empty = True

    def write(self, data: bytes) -> None:
        self.is_empty = self.is_empty and not data

    def close(self) -> None:
        pass
