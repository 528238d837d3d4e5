"""The overlay that ought to be in force, by the state alone, and putting it there."""

from __future__ import annotations

from workflow_cli.app.improve.context import Context
from workflow_cli.domain.improvement.arms import Draw, Overlay
from workflow_cli.domain.improvement.experiment import Design, Experiment
from workflow_cli.domain.improvement.policy import LoopPolicy
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.state import State

ONLINE = {Design.INTERLEAVED: Draw.INTERLEAVED, Design.SWITCHBACK: Draw.SWITCHBACK}


def overlay_of(experiment: Experiment, policy: LoopPolicy) -> Overlay:
    """While it runs."""
    return Overlay(
        experiment=experiment.id,
        draw=ONLINE[experiment.design],
        scope=experiment.scope,
        salt=experiment.salt,
        changes=experiment.changes,
        seconds=policy.window_seconds,
    )


def holdback_of(experiment: Experiment) -> Overlay:
    """After it was kept: some requests still get what was there before."""
    return Overlay(
        experiment=f"{experiment.id}/holdback",
        draw=Draw.HOLDBACK,
        scope=experiment.scope,
        salt=experiment.salt,
        changes=experiment.before,
        share=experiment.rule.holdback,
    )


def wanted(state: State, policy: LoopPolicy) -> Overlay | None:
    if state.running is not None and state.running.design in ONLINE:
        return overlay_of(state.running, policy)
    if state.probation is not None and state.probation.design is not Design.SWITCHBACK:
        return holdback_of(state.probation)
    return None


def reconcile(context: Context) -> bool:
    """Bring the overlay into line with the ledger, whatever became of it; whether that was necessary."""
    overlay = wanted(context.state, context.policy)
    if context.world.tuning.staged() == overlay:
        return False
    intent = context.record(
        RecordType.INTENT, {"action": "stage", "overlay": None if overlay is None else overlay.as_json()}
    )
    context.world.tuning.stage(overlay)
    context.record(RecordType.APPLIED, {"intent": intent.seq})
    return True
