"""The directory `.workflow/` beside `openspec/`, where everything is kept that is not a document."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from workflow_cli.errors import DocumentError, WorkflowError

STATE_DIRECTORY = ".workflow"


def make_state_directory(root: Path) -> None:
    """Make the state directory of the tree at `root` where it is missing, and have git ignore it.

    Raises DocumentError where it cannot be made, and for a link, which could lead out of the tree.
    """
    # A string, because every commit comes by here and making a Path takes ten times as long as looking.
    name = f"{root}/{STATE_DIRECTORY}"
    try:
        try:
            kind = os.stat(name, follow_symlinks=False).st_mode
        except FileNotFoundError:
            directory = Path(name)
            directory.mkdir(exist_ok=True)
            kind = stat.S_IFDIR
    except OSError as error:
        raise DocumentError(f"cannot make the directory: {error.strerror}", where=name) from error
    if not stat.S_ISDIR(kind):
        raise DocumentError("must be a directory and no link", where=name, hint="move it away")
    have_git_ignore(name)


def have_git_ignore(directory: str | Path) -> None:
    """Put a .gitignore into a state directory that has none, whole or not at all.

    Where it cannot be written, what is kept is worth more than that: the next start tries again.
    """
    name = f"{directory}/.gitignore"
    if os.path.lexists(name):
        return
    from workflow_cli.adapters.atomic_write import replace_file  # here, because it is mostly there

    with contextlib.suppress(WorkflowError):
        replace_file(Path(name), b"*\n", base=None)
