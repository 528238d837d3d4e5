"""How git is asked about the checkout that lies around a directory, and that it may refuse to look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    import subprocess

#: What git tells its hooks about the repository that they are run for.
_OF_A_HOOK = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")


def git_environment() -> dict[str, str] | None:
    """None for the one of this process, as `subprocess` has it.

    Where a hook says which repository it is for, and not which work tree, git would take the very directory that it is
    asked about for the top of that. It is to look for both itself.
    """
    if "GIT_DIR" not in os.environ or "GIT_WORK_TREE" in os.environ:
        return None
    return {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}


def ask_git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What git says below `root`, whatever its status. Raises OSError where there is no git."""
    import subprocess

    return subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        env=git_environment(),
    )


def refuse_untrusted(said: bytes, root: Path) -> None:
    """Raises WorkflowError where git looks at nothing, because the checkout belongs to another account.

    So it is in containers that a checkout of their host is mounted into. The name of the setting is in the message in
    every language.
    """
    if b"safe.directory" in said:
        raise WorkflowError(
            "git does not look into this checkout: it belongs to another account",
            where=str(root),
            hint=f"git config --global --add safe.directory {root}, or the top of the checkout",
        )
