"""Writes the two files that `workflow init` is about, and loses nothing that was there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from workflow_cli.errors import AlreadyThere, DocumentError

STATE_DIRECTORY = ".workflow"


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises AlreadyThere, or DocumentError when it cannot be written."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise _already_there(path) from error
    except OSError as error:
        raise DocumentError(f"cannot write: {error.strerror}", where=str(path)) from error


def refuse_existing(path: Path) -> None:
    """Raises AlreadyThere, as writing it would, before anything else is looked at."""
    if os.path.lexists(path):
        raise _already_there(path)


def _already_there(path: Path) -> AlreadyThere:
    hint = "--force writes a new one and keeps the old one beside it"
    return AlreadyThere("the file exists and was left as it is", where=str(path), hint=hint)


def put_aside(path: Path) -> Path | None:
    """Move a file to the first free of `name.bak`, `name.bak1`, ...; None when there was no file."""
    if not os.path.lexists(path):
        return None
    number = 0
    while True:
        kept = path.with_name(f"{path.name}.bak{number or ''}")
        if not os.path.lexists(kept):
            break
        number += 1
    try:
        path.rename(kept)
    except OSError as error:
        raise DocumentError(f"cannot move: {error.strerror}", where=str(path)) from error
    return kept


@dataclass(frozen=True, kw_only=True, slots=True)
class LineForGit:
    """What makes git ignore `.workflow/`, to be put at the end of a file that could be written a moment ago."""

    path: Path
    line: bytes

    def append(self) -> None:
        """Raises DocumentError."""
        try:
            with self.path.open("ab") as file:
                file.write(self.line)
        except OSError as error:
            raise DocumentError(f"cannot write: {error.strerror}", where=str(self.path)) from error


def line_for_git(root: Path) -> LineForGit | None:
    """What is to be added to the .gitignore; None where there is nothing to do.

    That is outside a git checkout, and where the file says so already. Raises DocumentError where it cannot be done.
    """
    if not any((directory / ".git").exists() for directory in (root, *root.parents)):
        return None
    path = root / ".gitignore"
    if path.is_symlink():
        return None  # git reads no such link, and it may lead to any file of the person's
    if path.exists() and not path.is_file():
        raise DocumentError(
            "is no file", where=str(path), hint="move it away, then run workflow init again; nothing was written"
        )
    doing = "read"
    try:
        content = path.read_bytes() if path.exists() else b""
        if any(line.strip().strip(b"/") == STATE_DIRECTORY.encode() for line in content.splitlines()):
            return None
        doing = "write"
        if path.exists():
            os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    except OSError as error:
        hint = "chmod u+rw .gitignore, then run workflow init again; nothing was written"
        raise DocumentError(f"cannot {doing}: {error.strerror}", where=str(path), hint=hint) from error
    newline = b"\r\n" if b"\r\n" in content else b"\n"
    before = b"" if not content or content.endswith(b"\n") else newline
    return LineForGit(path=path, line=before + STATE_DIRECTORY.encode() + b"/" + newline)
