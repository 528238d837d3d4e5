"""What a process that was killed left half done is finished, or dropped where nothing of it had happened."""

from __future__ import annotations

from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.promotion import finish_promotion, finish_rollback
from workflow_cli.domain.improvement.experiment import CODE
from workflow_cli.domain.improvement.record import RecordType


def recover(context: Context) -> str | None:
    """What was done about an intent without an end; None where there was none."""
    intent = context.state.open_intent
    if intent is None:
        return None
    action = intent.body.get("action")
    experiment = context.state.experiments.get(str(intent.body.get("experiment")))
    did = "dropped"
    if action == "promote" and experiment is not None:
        base = context.world.tuning.base()
        there = all(base.get(name) == value for name, value in experiment.changes.items())
        if there or context.world.tuning.fingerprint() == intent.body.get("before"):
            finish_promotion(context, experiment, intent)
            did = "finished"
        else:
            # Edited by somebody between intent and write: the change is not made on top of that.
            if experiment.id not in context.state.finished:
                context.record(
                    RecordType.DECIDE, {"experiment": experiment.id, "ruling": "abort", "reason": "base_changed"}
                )
            context.world.proposals.close(experiment, "abort", {"reason": "base_changed"})
    elif action == "rollback" and experiment is not None:
        finish_rollback(context, experiment, intent)
        did = "finished"
    elif action == "document" and experiment is not None:
        context.world.proposals.carry_out(experiment)
        did = "finished"
    elif action == CODE and experiment is not None:
        # Nobody saw what became of it; an agent is not started a second time on one approval.
        if context.world.coder is not None:
            context.world.coder.tidy()
        if experiment.id not in context.state.finished:
            body = {"experiment": experiment.id, "ruling": "abort", "reason": "interrupted"}
            context.record(RecordType.DECIDE, body)
        context.world.proposals.close(experiment, "abort", {"reason": "interrupted"})
    # An overlay is brought into line by `reconcile`, which needs no intent to know what ought to be there.
    context.record(RecordType.RECOVER, {"intent": intent.seq, "action": str(action), "did": did})
    return did
