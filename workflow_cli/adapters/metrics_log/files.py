"""The files of a log, in the order in which they were written, and how far each has been read."""

from __future__ import annotations

import errno
import os
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow_cli.adapters.state_file import names_in, unreadable
from workflow_cli.errors import DocumentError

_EDGE = 4096
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """How far a file was read: `edges` is a checksum of its beginning and of what stands before `end`."""

    inode: int
    end: int
    edges: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Whole lines of a file, from byte to byte."""

    path: str
    start: int
    end: int


def log_files(path: Path) -> list[Path]:
    """Those that were put aside, oldest first, and the one that is written now. Raises DocumentError."""
    aside = re.compile(re.escape(path.stem) + r"-(\d{8}T\d{6}Z)(?:-(\d+))?" + re.escape(path.suffix))
    names = names_in(path.parent)
    found = sorted(
        (match[1], int(match[2] or 0), name) for name in names if (match := aside.fullmatch(name)) is not None
    )
    files = [path.with_name(name) for _, _, name in found]
    return [*files, path] if path.name in names else files


def open_log(path: str | Path) -> int:
    """A descriptor of a regular file. Raises DocumentError."""
    import stat

    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP and os.path.islink(path):
            hint = "put the file itself in its place, or set events.path to it"
            raise DocumentError(
                "is a link, and no log is read or written through links", where=str(path), hint=hint
            ) from error
        raise unreadable(error, Path(path)) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DocumentError("not a regular file", where=str(path), hint="move it away")
    return descriptor


def unread(files: Sequence[Path], cursors: Sequence[Cursor]) -> tuple[list[Part], list[Cursor]] | None:
    """What was added since, and the cursors after it; None where what was read is not what stands there any more.

    Only the last file that was read may have grown: what a writer that held an older one open added to it comes too
    late to be in the order of the log.
    """
    if len(cursors) > len(files):
        return None
    parts: list[Part] = []
    after: list[Cursor] = []
    for number, path in enumerate(files):
        before = cursors[number] if number < len(cursors) else None
        descriptor = open_log(path)
        try:
            state = os.fstat(descriptor)
            last = number == len(files) - 1
            start = before.end if before else 0
            if before is not None and (before.inode != state.st_ino or _edges(descriptor, before.end) != before.edges):
                return None
            end = _end_of_lines(descriptor, state.st_size, start) if last else state.st_size
            if before is not None and (end < start or (end > start and number < len(cursors) - 1)):
                return None
            if end > start:
                parts.append(Part(path=str(path), start=start, end=end))
            edges = before.edges if before is not None and end == start else _edges(descriptor, end)
            after.append(Cursor(inode=state.st_ino, end=end, edges=edges))
        finally:
            os.close(descriptor)
    return parts, after


def _edges(descriptor: int, end: int) -> int:
    begin = os.pread(descriptor, min(_EDGE, end), 0)
    before = os.pread(descriptor, min(_EDGE, end), max(0, end - _EDGE))
    return zlib.crc32(before, zlib.crc32(begin))


def _end_of_lines(descriptor: int, size: int, start: int) -> int:
    """Where the last whole line ends: what another process is writing just now is left for the next time."""
    at = size
    while at > start:
        step = min(65536, at - start)
        found = os.pread(descriptor, step, at - step).rfind(b"\n")
        if found >= 0:
            return at - step + found + 1
        at -= step
    return start
