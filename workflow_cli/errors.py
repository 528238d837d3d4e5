"""The errors a person may see. Each class carries the exit status it ends the command with."""

from __future__ import annotations

from typing import ClassVar


class WorkflowError(Exception):
    """Something the person running the command can act on: what, where, and the next step."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}"


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


class ServiceError(WorkflowError):
    """A model server, tool server or other process could not be reached or did not do its part."""


class NoTree(DocumentError):
    """No OpenSpec tree was found from the starting directory upward."""


class AddressNotFound(WorkflowError):
    """An address names nothing in the document; `nearest` lists what is there instead."""

    exit_code = 2

    def __init__(self, address: str, nearest: tuple[str, ...] = ()) -> None:
        hint = "nearest: " + "; ".join(nearest) if nearest else None
        super().__init__(f"nothing at {address!r}", hint=hint)
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


class EditsOverlap(EditRefused):
    """Two edits name the same bytes, or insert at the same place; both spans are given."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"the edits of bytes {first} and {second} overlap", hint="make them one edit")
        self.first = first
        self.second = second


class Refused(WorkflowError):
    """What was asked for must not be done, and nothing was: the answer is no."""

    exit_code = 1


class AlreadyThere(WorkflowError):
    """A file that would be written exists; nothing was written."""

    exit_code = 5


class DraftRejected(WorkflowError):
    """A person said no to exactly this draft; nothing was written."""

    exit_code = 1
