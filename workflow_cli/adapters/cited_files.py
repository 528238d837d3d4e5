"""The files that answers cite, read anew each time: what is said of them must be true now."""

from __future__ import annotations

from pathlib import Path

from workflow_cli.adapters.confined_read import ConfinedReader


class CitedFiles:
    """Files below `root`; no link leads out of it."""

    def __init__(self, root: Path, *, max_bytes: int) -> None:
        self._root = root
        self._reader = ConfinedReader(root, max_bytes)

    def read(self, path: str) -> bytes | None:
        parts = path.split("/")
        if not path or path.startswith("/") or ".." in parts or "\0" in path:
            return None
        try:
            return self._reader.read(self._root / path)
        except OSError:
            return None
