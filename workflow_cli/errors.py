"""The errors a person may see. Each class carries the exit status it ends the command with."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import PurePath

#: Where nothing may be written by whoever runs this, whatever they do.
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
#: What to do about a fault of the machine.
_NEXT_STEPS: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOSPC: "make room, then run again",
        errno.EDQUOT: "make room, then run again",
        errno.EACCES: "mend its permissions, or run as somebody who may",
        errno.EPERM: "mend its permissions, or run as somebody who may",
        errno.EROFS: "this disk can only be read; use a copy of the tree on another one",
        errno.EISDIR: "move away what stands in its place",
        errno.EEXIST: "move away what stands in its place",
        errno.ENOTDIR: "move away what stands in its place",
        errno.EINVAL: "move away what stands in its place",
        errno.ELOOP: "mend the link",
        errno.EBUSY: "another program is at work in it; run again when that is done",
        errno.EIO: "make room where the disk is full, else repair it",  # SQLite says "I/O error" of both
    }
)
#: The same faults as SQLite names them.
_IN_SQLITE: Mapping[str, int] = MappingProxyType(
    {
        "SQLITE_FULL": errno.ENOSPC,
        "SQLITE_BUSY": errno.EBUSY,
        "SQLITE_READONLY": errno.EACCES,
        "SQLITE_PERM": errno.EACCES,
        "SQLITE_CANTOPEN": errno.EACCES,
        "SQLITE_IOERR": errno.EIO,
    }
)


class WorkflowError(Exception):
    """Something the person running the command can act on: what, where, and the next step.

    Where whoever raises it knows no next step, the fault of the machine that it was raised from has one.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self._hint = hint

    @property
    def hint(self) -> str | None:
        return self._hint or _NEXT_STEPS.get(_number_of(self.__cause__) or 0)

    @hint.setter
    def hint(self, hint: str | None) -> None:
        self._hint = hint

    @property
    def is_forbidden(self) -> bool:
        """Whether the machine does not let whoever runs this do it."""
        return _number_of(self.__cause__) in _FORBIDDEN

    @property
    def is_of_the_machine(self) -> bool:
        """Whether it tells of the machine, and nothing of what was to be read or written."""
        return _number_of(self.__cause__) is not None

    @property
    def with_next_step(self) -> str:
        """In one line, for what was done without."""
        return f"{self}; next: {self.hint}" if self.hint else str(self)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}"


def as_argument(where: str | None) -> str | None:
    """The place of an error as callers from a program know it: what people type as `--even-so` is `even_so`."""
    return where.removeprefix("--").replace("-", "_") if where is not None and where.startswith("--") else where


def fault_told(fault: Exception, path: PurePath) -> str:
    """A fault of the machine at a file below the state directory, where it stops nothing; with the next step, if there is one."""
    place = "/".join(path.parts[-2:])
    what = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    hint = _NEXT_STEPS.get(_number_of(fault) or 0)
    return f"{place}: {what}; next: {hint}" if hint else f"{place}: {what}"


def _number_of(cause: BaseException | None) -> int | None:
    """The fault of the machine, as `errno` numbers it."""
    if isinstance(cause, OSError):
        return cause.errno
    # An extended code has the name of its kind and more behind it. Asked by name: errors load no database.
    name = getattr(cause, "sqlite_errorname", None) or ""
    return next((number for kind, number in _IN_SQLITE.items() if name.startswith(kind)), None)


class UsageError(WorkflowError):
    """The command was called in a way it cannot follow."""

    exit_code = 2


class SettingsError(WorkflowError):
    """A configuration value is wrong; `faults` holds every one of them."""

    exit_code = 2

    def __init__(self, faults: tuple[str, ...], *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__("; ".join(faults), where=where, hint=hint)
        self.faults = faults


class FaultyInput(UsageError):
    """Something that was handed in is wrong in one or several places; nothing of it was taken. `faults` holds every one."""

    def __init__(
        self, faults: tuple[str, ...], *, what: str, where: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__("; ".join(faults), where=where, hint=hint)
        self.faults = faults
        self.what = what


class DocumentError(WorkflowError):
    """A document or directory could not be read, decoded or written."""


class ChangedMeanwhile(DocumentError):
    """A document changed while it was read, so that what was found is neither of the one text nor of the other."""


class CutOff(DocumentError):
    """A commit was cut off, and whoever reads the tree now may not finish it: what is half written is no document's fault."""


class ServiceError(WorkflowError):
    """A model server, tool server or other process could not be reached or did not do its part."""


class NoTree(DocumentError):
    """No OpenSpec tree was found from the starting directory upward."""


class AddressNotFound(WorkflowError):
    """An address names nothing in the document; `nearest` lists what is there instead, `otherwise` what else can be done."""

    exit_code = 2

    def __init__(self, address: str, nearest: tuple[str, ...] = (), *, otherwise: str | None = None) -> None:
        listed = "nearest: " + "; ".join(nearest) if nearest else None
        super().__init__(f"nothing at {address!r}", hint="; or ".join(filter(None, (listed, otherwise))) or None)
        self.address = address
        self.nearest = nearest


class StaleDocument(WorkflowError):
    """A document changed since it was read; nothing was written."""

    exit_code = 5


class AddressAmbiguous(WorkflowError):
    """An address fits several places; `candidates` lists their full addresses."""

    exit_code = 2

    def __init__(self, address: str, candidates: tuple[str, ...]) -> None:
        super().__init__(f"{address!r} fits {len(candidates)} places", hint="say which: " + "; ".join(candidates[:5]))
        self.address = address
        self.candidates = candidates


class EditRefused(WorkflowError):
    """Edits that cannot be carried out as given; nothing was changed."""

    exit_code = 5


class WaitsForPerson(EditRefused):
    """A person has to decide about a draft first, whose id is `draft`; nothing was written."""

    def __init__(self, message: str, *, draft: str, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, where=where, hint=hint)
        self.draft = draft


class EditsOverlap(EditRefused):
    """Two edits name the same bytes, or insert at the same place; both spans are given."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"the edits of bytes {first} and {second} overlap", hint="make them one edit")
        self.first = first
        self.second = second


class Refused(WorkflowError):
    """What was asked for must not be done, and nothing was: the answer is no."""

    exit_code = 1


class SaidAlready(Refused):
    """The tree says what was to be proposed; nothing was written."""


class AlreadyThere(WorkflowError):
    """A file that would be written exists; nothing was written."""

    exit_code = 5


class DraftRejected(WorkflowError):
    """A person said no to exactly this draft: who, and why. Nothing was written."""

    exit_code = 1

    def __init__(self, message: str, *, by: str, because: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.by = by
        self.because = because
