"""The documents that questions are answered from: every Markdown file below `openspec/`."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workflow_cli.adapters.confined_read import ConfinedReader

#: Instructions for coding agents, the same in thousands of trees: they say nothing about this one.
NOT_ABOUT_THE_TREE = frozenset(("AGENTS.md", "CLAUDE.md"))
# A file written this shortly ago may be written again without its times telling.
_YOUNG = 100_000_000
_YOUNG_WHERE_TIMES_ARE_COARSE = 2_000_000_000
_SECOND = 1_000_000_000
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class PassageFiles:
    """The documents below `root/openspec`. No link is followed out of the root, no hidden directory entered."""

    root: Path
    max_file_bytes: int

    def stamps(self) -> dict[str, str]:
        """For each document its path from the root, and what changes whenever the file does."""
        found: dict[str, str] = {}
        for path, status in self._entries():
            found[path] = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
        return found

    def stamp(self, path: str) -> str | None:
        """The stamp of one document, None where there is none."""
        try:
            status = os.stat(self.root / path)
        except OSError:
            return None
        return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"

    def read(self, path: str) -> bytes:
        """Raises OSError, also for what is no regular file, too large, or outside of the root."""
        return ConfinedReader(self.root, self.max_file_bytes).read(self.root / path)

    def _entries(self) -> Iterator[tuple[str, os.stat_result]]:
        pending = [(str(self.root / "openspec"), "openspec", 0)]
        while pending:
            directory, prefix, depth = pending.pop()
            try:
                entries = list(os.scandir(directory))
            except OSError:
                continue
            for entry in entries:
                name = entry.name
                if name.startswith(".") or name in NOT_ABOUT_THE_TREE:
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if depth < _DEEPEST:
                            pending.append((entry.path, f"{prefix}/{name}", depth + 1))
                    elif name.endswith(".md"):
                        status = entry.stat()
                        if stat.S_ISREG(status.st_mode):
                            yield f"{prefix}/{name}", status
                except OSError:
                    continue


def may_change_unseen(stamp: str) -> bool:
    """Whether the file was written so shortly before now that a further write could leave its stamp as it is."""
    _, modified, changed, _ = stamp.split(":")
    coarse = int(modified) % _SECOND == 0
    age = time.time_ns() - max(int(modified), int(changed))
    return age < (_YOUNG_WHERE_TIMES_ARE_COARSE if coarse else _YOUNG)
