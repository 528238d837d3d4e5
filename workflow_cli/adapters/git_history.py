"""Earlier versions of a file, as git keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from workflow_cli.adapters.checkout import is_in_checkout
from workflow_cli.adapters.git_environment import ask_git
from workflow_cli.app.ports import Commit

#: Commits of one file that are looked at. Whoever rewrote a delta more often has lately looked at the spec, too.
_MOST = 100


class GitHistory:
    """Implements `Commits` for a root inside a git checkout; outside one, and without git, it knows nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._usable = is_in_checkout(root)

    def touching(self, path: str) -> Iterator[Commit]:
        listed = self._git("log", f"--max-count={_MOST}", "--format=%H %cI", "--", f":(literal){path}")
        for line in listed.decode("ascii", "replace").splitlines() if listed else ():
            id, _, at = line.partition(" ")
            yield Commit(id=id, at=datetime.fromisoformat(at), data=self.content(id, path))

    def content(self, commit: str, path: str) -> bytes | None:
        return self._git("cat-file", "blob", f"{commit}:./{path}")

    def _git(self, *arguments: str) -> bytes | None:
        if not self._usable:
            return None
        try:
            done = ask_git(self._root, *arguments)
        except OSError:
            self._usable = False
            return None
        return done.stdout if done.returncode == 0 else None
