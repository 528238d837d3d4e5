"""What checks look at: the tree, if there is one, and the settings, if they are valid."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.errors import DocumentError, SettingsError
from workflow_cli.wiring import STATE_DIRECTORY

if TYPE_CHECKING:
    from workflow_cli.settings import Settings

#: What to do about a disk that takes nothing.
ANOTHER_DISK = "work on a copy of the tree on another disk: this one can only be read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """`root` is None without a tree, and `no_tree` says why; `settings` None where they are wrong, and `faults` says what is.

    `usable` are the settings, or the defaults where those are wrong: for what only reads files of this tree.
    """

    root: Path | None
    no_tree: DocumentError | None
    settings: Settings | None
    faults: SettingsError | None
    usable: Settings

    @property
    def tree(self) -> Path:
        """The root, for checks that are made of trees only."""
        assert self.root is not None, "a check of a tree was made without one"
        return self.root

    @property
    def is_on_read_only_disk(self) -> bool:
        return bool(os.statvfs(self.tree).f_flag & os.ST_RDONLY)

    @property
    def has_own_state(self) -> bool:
        """Whether the state directory is one, or not there yet. Through a link nothing is looked at: it may lead anywhere."""
        path = self.tree / STATE_DIRECTORY
        return not path.is_symlink() and (path.is_dir() or not path.exists())


def look_around(
    *, named_root: Path | None, named_file: Path | None, flags: Mapping[str, tuple[str, Any]]
) -> Surroundings:
    from workflow_cli import wiring
    from workflow_cli.settings import Settings

    root, no_tree = None, None
    try:
        root = wiring.root_of_tree(named_root)
    except DocumentError as error:
        no_tree = error
    settings, faults = None, None
    try:
        settings = wiring.settings_in_force(root, named_file=named_file, flags=flags)
    except SettingsError as error:
        faults = error
    usable = Settings({}, {}, start=root or Path.cwd()) if settings is None else settings
    return Surroundings(root=root, no_tree=no_tree, settings=settings, faults=faults, usable=usable)
