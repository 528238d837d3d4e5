"""Resolves an artifact's `generates` pattern to the files that are there."""

from __future__ import annotations

import re
from pathlib import Path

from workflow_cli.adapters.confined_read import is_within

_WILDCARD = re.compile(r"[*?\[]|[!*+?@]\([^(]*\)")


def expand(directory: Path, pattern: str) -> list[Path]:
    """Existing files below `directory`, sorted; a pattern without wildcards names one file literally.

    One that ends in a slash names a directory, and so no file. A backslash separates directories where there are wildcards, and is part of a name where there are none.
    Files that a link takes out of the directory are left out.
    """
    if not is_pattern(pattern):
        if pattern.endswith(("/", "/.")):
            return []
        path = directory / pattern
        return [path] if path.is_file() and is_within(directory, path) else []
    # Braces and extended globs are rare; the library that knows them is imported for patterns alone.
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB | glob.FOLLOW
    found = glob.glob(pattern.replace("\\", "/"), flags=flags, root_dir=str(directory))
    paths = (directory / name for name in found)
    return sorted({p for p in paths if p.is_file() and is_within(directory, p)})


def is_pattern(text: str) -> bool:
    """Whether it has a wildcard, an extended glob or an alternative in braces."""
    return _WILDCARD.search(text) is not None or _has_alternatives(text)


def _has_alternatives(text: str) -> bool:
    opened: list[int] = []
    for index, char in enumerate(text):
        if char == "{":
            opened.append(index)
        elif char == "}" and opened:
            inside = text[opened.pop() : index]
            if "," in inside or ".." in inside:
                return True
    return False
