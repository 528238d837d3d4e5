"""Resolves an artifact's `generates` pattern to the files that are there."""

from __future__ import annotations

import re
from pathlib import Path

from workflow_cli.adapters.confined_read import is_within

_GLOB = re.compile(r"[*?\[]|[!*+?@]\([^(]*\)|\{[^{}]*(?:,|\.\.)[^{}]*\}")


def expand(directory: Path, pattern: str) -> list[Path]:
    """Existing files below `directory`, sorted; a pattern without wildcards names one file literally.

    Files that a link takes out of the directory are left out.
    """
    pattern = pattern.replace("\\", "/")
    if not _GLOB.search(pattern):
        path = directory / pattern
        return [path] if path.is_file() and is_within(directory, path) else []
    # Braces and extended globs are rare; the library that knows them is imported for patterns alone.
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.BRACE | glob.EXTGLOB | glob.FOLLOW
    found = glob.glob(pattern, flags=flags, root_dir=str(directory))
    paths = (directory / name for name in found)
    return sorted({p for p in paths if p.is_file() and is_within(directory, p)})
