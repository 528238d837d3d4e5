"""Settings for a process that stays: read anew when one of their files was written."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.settings import Settings

_Stamp = tuple[int, int, int] | None


def current_settings(root: Path, *, named_file: Path | None, flags: Mapping[str, tuple[str, Any]]) -> CurrentSettings:
    """Those of the tree at `root`, as `settings_in_force` gives them. Raises SettingsError."""
    from workflow_cli.settings import PROJECT_FILE
    from workflow_cli.wiring import settings_in_force, user_file

    return CurrentSettings(
        files=[root / PROJECT_FILE, user_file(), *([named_file] if named_file is not None else ())],
        load=lambda: settings_in_force(root, named_file=named_file, flags=flags),
    )


class CurrentSettings:
    """Called, it gives the settings as the files are now; the same object as long as they are the same.

    Raises SettingsError where they are wrong at first; where they are later, those from before stay in force. Safe to call
    from any thread.
    """

    def __init__(self, *, files: Sequence[Path], load: Callable[[], Settings]) -> None:
        self._files = tuple(os.fspath(file) for file in files)
        self._load = load
        self._lock = threading.Lock()
        # Looked at first: what is written meanwhile is read again.
        self._stamps = self._now()
        self._settings = load()

    def __call__(self) -> Settings:
        if self._now() != self._stamps:
            with self._lock:
                self._read_again()
        return self._settings

    def _read_again(self) -> None:
        import logging

        self._stamps = self._now()
        try:
            self._settings = self._load()
        except WorkflowError as error:
            logging.getLogger(__name__).warning("the settings from before stay in force: %s", error)

    def _now(self) -> tuple[_Stamp, ...]:
        return tuple(map(_stamp, self._files))


def _stamp(file: str) -> _Stamp:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
