"""Which arm of an experiment a question is answered in: read from the overlay at each question, drawn by its salt."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.adapters.state_file import is_there
from workflow_cli.wiring import STATE_DIRECTORY

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import Drawn
    from workflow_cli.app.answering.route_walk import Means
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.improvement.arms import Overlay
    from workflow_cli.domain.improvement.setting_values import Settings as Knobs
    from workflow_cli.settings import Settings

OVERLAY_FILE = "overlay.json"


class Arms:
    """`means_with` makes what questions are answered with under other settings. `config` is the hash of the settings' file.

    A process that read its settings before they were last changed takes part in nothing: it is not the base any more.
    """

    def __init__(
        self, root: Path, settings: Settings, *, clock: Clock, means_with: Callable[[Settings], Means]
    ) -> None:
        self._path = root / STATE_DIRECTORY / OVERLAY_FILE
        self._file = root / "workflow.yaml"
        self._settings = settings
        self._clock = clock
        self._means_with = means_with
        self._made: tuple[str, Means | None] | None = None
        self.config = self._hash()

    def draw(self, asked: Asked) -> Drawn | None:
        """None where no experiment is under way that has to do with the question.

        Raises DocumentError where that cannot be told.
        """
        if not is_there(self._path):
            return None
        from workflow_cli.adapters.overlay_file import OverlayFile
        from workflow_cli.app.answering.answer_question import Drawn
        from workflow_cli.domain.improvement.arms import assign

        overlay = OverlayFile(self._path).staged()
        if overlay is None or self._hash() != self.config:
            return None
        # Nobody counts the questions of all processes: each is drawn by itself.
        number = int.from_bytes(os.urandom(6))
        assigned = assign(overlay, asked.kind.value, number, self._clock.now().timestamp())
        if assigned.experiment is None or assigned.arm is None:
            return None
        means = None
        if assigned.changes:
            if self._made is None or self._made[0] != overlay.experiment:
                self._made = (overlay.experiment, self._means(overlay))
            means = self._made[1]
            if means is None:
                return None
        return Drawn(experiment=assigned.experiment, arm=str(assigned.arm), unit=assigned.unit, means=means)

    def _means(self, overlay: Overlay) -> Means | None:
        """None for an overlay that this version cannot follow, or that says what the loop may not turn by itself.

        What a person approved may be held back: then some questions get what was there before.
        """
        from workflow_cli.domain.improvement.arms import Draw
        from workflow_cli.domain.improvement.knobs import ApprovalClass, approval_class

        turned = approval_class(overlay.changes)
        approved = turned is ApprovalClass.C and overlay.draw is Draw.HOLDBACK
        if turned not in (ApprovalClass.A, ApprovalClass.B) and not approved:
            return None
        try:
            return self._means_with(with_knobs(self._settings, overlay.changes))
        except (KeyError, TypeError, ValueError):
            return None

    def _hash(self) -> str | None:
        try:
            return hashlib.sha256(self._file.read_bytes()).hexdigest()
        except OSError:
            return None


def with_knobs(settings: Settings, changes: Knobs) -> Settings:
    """The settings with knobs turned. Raises KeyError for what is no knob here, ValueError for what is no value of it."""
    from workflow_cli.domain.improvement.real_settings import as_settings
    from workflow_cli.settings import KEYS

    given = as_settings(changes, {name: settings[name] for name in KEYS})
    parsed = {name: KEYS[name].kind.parse(_as_in_file(value)) for name, value in given.items()}
    return settings.with_values(parsed, origin="loop")


def _as_in_file(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
