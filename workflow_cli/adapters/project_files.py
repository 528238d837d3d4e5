"""Writes the two files that `workflow init` is about, and loses nothing that was there."""

from __future__ import annotations

import os
from pathlib import Path

from workflow_cli.errors import AlreadyThere, DocumentError

STATE_DIRECTORY = ".workflow"


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises AlreadyThere, or DocumentError when it cannot be written."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise AlreadyThere(
            "the file exists and was left as it is",
            where=str(path),
            hint="--force writes a new one and keeps the old one beside it",
        ) from error
    except OSError as error:
        raise DocumentError(f"cannot write: {error.strerror}", where=str(path)) from error


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


def ignore_state_in_git(root: Path) -> Path | None:
    """Make git ignore `.workflow/`: the .gitignore that was written to, None when there was nothing to do.

    Nothing is done outside a git checkout and where the file says so already. Raises DocumentError.
    """
    if not any((directory / ".git").exists() for directory in (root, *root.parents)):
        return None
    path = root / ".gitignore"
    if path.is_symlink():
        return None  # git reads no such link, and it may lead to any file of the person's
    try:
        content = path.read_bytes() if path.exists() else b""
        if any(line.strip().strip(b"/") == STATE_DIRECTORY.encode() for line in content.splitlines()):
            return None
        newline = b"\r\n" if b"\r\n" in content else b"\n"
        before = b"" if not content or content.endswith(b"\n") else newline
        with path.open("ab") as file:
            file.write(before + STATE_DIRECTORY.encode() + b"/" + newline)
    except OSError as error:
        raise DocumentError(f"cannot write: {error.strerror}", where=str(path)) from error
    return path
