"""When a cycle looks again although nothing is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_cli.domain.improvement.state import State

_SLEEP = 6 * 3600.0


def wakes_at(state: State, now: float) -> float:
    """At the latest after some hours, and whenever an experiment or a probation ends before."""
    wake = now + _SLEEP
    if state.running is not None:
        wake = min(wake, state.running.expires)
    if state.probation is not None:
        wake = min(wake, state.probation_since + state.probation.rule.probation_seconds)
    return wake
