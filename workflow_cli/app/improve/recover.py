"""What a process that was killed left half done is finished, or dropped where nothing of it had happened."""

from __future__ import annotations

from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.documents import DOCUMENT, finish_document, may_be_finished
from workflow_cli.app.improve.promotion import finish_promotion, finish_rollback, give_up, is_there, or_hold
from workflow_cli.domain.improvement.change_text import BASE_CHANGED, NOT_WRITABLE, change_name
from workflow_cli.domain.improvement.experiment import CODE, Experiment
from workflow_cli.domain.improvement.record import Record, RecordType


def recover(context: Context) -> str | None:
    """What was done about an intent without an end; None where there was none, or nothing that anybody has to know."""
    intent = context.state.open_intent
    if intent is None:
        return None
    action = intent.body.get("action")
    if action == "stage":
        # An overlay is brought into line by `reconcile`, which needs no intent to know what ought to be there.
        context.record(RecordType.RECOVER, {"intent": intent.seq, "action": str(action), "did": "finished"})
        return None
    experiment = context.state.experiments.get(str(intent.body.get("experiment")))
    did = "dropped"
    if action == "promote" and experiment is not None:
        if not is_there(context, experiment) and (reason := _against(context, experiment, intent)) is not None:
            give_up(context, experiment, reason)
        elif or_hold(context, experiment, intent, finish_promotion):
            did = "finished"
        else:
            return None
    elif action == "rollback" and experiment is not None:
        if not or_hold(context, experiment, intent, finish_rollback):
            return None
        did = "finished"
    elif action == DOCUMENT and experiment is not None:
        if may_be_finished(context, experiment):
            finish_document(context, experiment, intent)
            did = "finished"
    elif action == CODE and experiment is not None:
        # Nobody saw what became of it; an agent is not started a second time on one approval.
        if context.world.coder is not None:
            context.world.coder.tidy()
        if experiment.id not in context.state.finished:
            body = {"experiment": experiment.id, "ruling": "abort", "reason": "interrupted"}
            context.record(RecordType.DECIDE, body)
        context.world.proposals.close(experiment, "abort", {"reason": "interrupted"})
    context.record(RecordType.RECOVER, {"intent": intent.seq, "action": str(action), "did": did})
    return did if experiment is None else f"{did}: {change_name(experiment)}"


def _against(context: Context, experiment: Experiment, intent: Record) -> str | None:
    """Why a promotion that was not written is not made up for: edited by somebody since, stopped, or in the way of an edit."""
    tuning = context.world.tuning
    if tuning.fingerprint() != intent.body.get("before"):
        return BASE_CHANGED
    if context.state.frozen is not None:
        return "frozen"
    return None if tuning.obstacle(experiment.changes) is None else NOT_WRITABLE
