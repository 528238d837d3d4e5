"""What is known of a file before it is read, or when it cannot be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """A file or directory that exists but could not be read. `code` is the errno's name, such as EACCES."""

    file: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecFile:
    """A discovered `spec.md`, read or not; `fault` says why it must not be read, if so."""

    id: str
    file: str
    fault: Fault | None = None
