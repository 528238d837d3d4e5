"""The overlay that one arm of an experiment reads, as a file that is replaced in one step."""

from __future__ import annotations

import json
import os
from pathlib import Path

from workflow_cli.adapters.atomic_write import replace_file
from workflow_cli.adapters.state_file import bytes_of
from workflow_cli.domain.improvement.arms import Overlay, overlay_from


class OverlayFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def staged(self) -> Overlay | None:
        """None where there is none; also for a file that is no overlay, so that nothing damaged is ever answered with.

        Raises DocumentError for one that cannot be read: it may be in force for others.
        """
        if (data := bytes_of(self._path)) is None:
            return None
        try:
            return overlay_from(json.loads(data))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def stage(self, overlay: Overlay | None) -> None:
        """Raises DocumentError where it cannot be written; then the old one stands."""
        base = bytes_of(self._path)
        if overlay is None:
            if base is not None:
                os.unlink(self._path)
            return
        data = json.dumps(overlay.as_json(), ensure_ascii=False, indent=1).encode() + b"\n"
        replace_file(self._path, data, base=base)
