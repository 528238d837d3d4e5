"""Settings for a process that stays: read anew when one of their files was written."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.settings import Settings

_Stamp = tuple[int, int, int] | None


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
