"""Whether `.workflow/` can be used, or made where it is not there yet; and whether the disk has room."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator

from workflow_cli.app.doctor.check import Check, Seen, failed, ok, warning
from workflow_cli.wiring import STATE_DIRECTORY
from workflow_cli.wiring.doctor.surroundings import ANOTHER_DISK, Surroundings

#: Bytes below which work goes on, but not for long; and below which hardly anything can be written.
_LITTLE, _NOTHING = 100 << 20, 1 << 20


def look(at: Surroundings) -> Iterator[Seen]:
    yield _directory(at)
    yield _disk(at)


def _directory(at: Surroundings) -> Seen:
    path = at.tree / STATE_DIRECTORY
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        if os.access(at.tree, os.W_OK | os.X_OK):
            return ok("not there yet; the first command that needs it makes it", where=STATE_DIRECTORY)
        text = "cannot be made, so nothing can be recorded; checking works all the same"
        return failed(
            text,
            where=STATE_DIRECTORY,
            next=ANOTHER_DISK if at.is_on_read_only_disk else f"chmod u+wx {shlex.quote(str(at.tree))}",
        )
    if not stat.S_ISDIR(kind):
        text = "must be a directory and no link; what it leads to was not looked at"
        return failed(text, where=STATE_DIRECTORY, next="move it away")
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        text = "cannot be written, so nothing can be recorded; checking works all the same"
        mend = f"chmod u+rwx {STATE_DIRECTORY}, or run as somebody who may"
        return failed(text, where=STATE_DIRECTORY, next=ANOTHER_DISK if at.is_on_read_only_disk else mend)
    return ok("can be written", where=STATE_DIRECTORY)


def _disk(at: Surroundings) -> Seen:
    disk = os.statvfs(at.tree)
    free = disk.f_bavail * disk.f_frsize
    told = f"{_size(free)} free"
    if free < _NOTHING:
        return failed(told, where=str(at.tree), next="make room", part="disk")
    if free < _LITTLE:
        return warning(told, where=str(at.tree), next="make room", part="disk")
    return ok(told, part="disk")


def _size(number: int) -> str:
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"


CHECK = Check("state", "State directory", look, {"disk": "Disk"})
