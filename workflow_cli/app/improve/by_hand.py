"""What people made of a change that was kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_cli.app.improve.ports import Tuning
from workflow_cli.domain.improvement.experiment import Experiment
from workflow_cli.domain.improvement.setting_values import Settings


def is_replaced(tuning: Tuning, experiment: Experiment) -> bool:
    """Whether somebody put something else in the place of all that was kept.

    A setting that something else than the file says in this run is not looked at.
    """
    base = tuning.base()
    known = [name for name in experiment.changes if name in base]
    return bool(known) and not any(
        _holds(base[name], experiment.changes[name], experiment.before.get(name))
        and _says(tuning, {name: experiment.changes[name]})
        for name in known
    )


def _says(tuning: Tuning, change: Settings) -> bool:
    """Whether any setting is as it was written, where the value of the change alone does not tell."""
    wanted, now = tuning.written(change)
    return not wanted or any(now.get(name) == value for name, value in wanted.items())


def _holds(now: Any, kept: Any, before: Any) -> bool:
    """Whether a setting still says what was kept; of several entries, whether any is as the change made it."""
    if now == kept:
        return True
    if isinstance(kept, Mapping) and isinstance(now, Mapping):
        entries = before if isinstance(before, Mapping) else {}
        return any(now.get(key) == value != entries.get(key) for key, value in kept.items())
    if isinstance(kept, list) and isinstance(now, list):
        earlier = before if isinstance(before, list) else []
        added, removed = (one for one in kept if one not in earlier), (one for one in earlier if one not in kept)
        return any(one in now for one in added) or any(one not in now for one in removed)
    return False
