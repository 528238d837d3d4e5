"""Making a change of settings last, and taking it back: intent, one replace, record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow_cli.app.improve.by_hand import is_replaced
from workflow_cli.app.improve.context import Context
from workflow_cli.domain.improvement.change_text import BASE_CHANGED, BY_HAND, NOT_WRITABLE
from workflow_cli.domain.improvement.experiment import Experiment
from workflow_cli.domain.improvement.record import Record, RecordType
from workflow_cli.domain.improvement.state import WAITS
from workflow_cli.errors import DraftRejected, WaitsForPerson


def promote(context: Context, experiment: Experiment, numbers: Mapping[str, Any]) -> str | None:
    """None where it is in force, or will be once a person agrees; else why it was given up: nothing was written then."""
    if (reason := _against(context, experiment)) is not None:
        give_up(context, experiment, reason)
        return reason
    intent = context.record(
        RecordType.INTENT,
        {
            "action": "promote",
            "experiment": experiment.id,
            "before": context.world.tuning.fingerprint(),
            "numbers": dict(numbers),
        },
    )
    or_hold(context, experiment, intent, finish_promotion)
    return None


def is_there(context: Context, experiment: Experiment) -> bool:
    """Whether it was written, or somebody set just that."""
    tuning = context.world.tuning
    if tuning.is_written(experiment):
        return True
    base, (wanted, now) = tuning.base(), tuning.written(experiment.changes)
    return wanted == now and all(base.get(name) == value for name, value in experiment.changes.items())


def _against(context: Context, experiment: Experiment) -> str | None:
    """Why a change cannot be put in force: the settings are not those it was registered for, or cannot be written."""
    tuning = context.world.tuning
    if tuning.fingerprint() != experiment.base:
        return BASE_CHANGED
    return None if tuning.obstacle(experiment.changes) is None else NOT_WRITABLE


def give_up(context: Context, experiment: Experiment, reason: str) -> None:
    if experiment.id not in context.state.finished:
        context.record(RecordType.DECIDE, {"experiment": experiment.id, "ruling": "abort", "reason": reason})
    context.world.proposals.close(experiment, "abort", {"reason": reason})


def or_hold(
    context: Context, experiment: Experiment, intent: Record, finish: Callable[[Context, Experiment, Record], object]
) -> bool:
    """Whether it is done; it is put aside where a person has to decide first, so that other things can be begun meanwhile."""
    try:
        finish(context, experiment, intent)
    except WaitsForPerson as waits:
        hold(context, experiment, intent, waits.draft)
    except DraftRejected:
        hold(context, experiment, intent, "")
    else:
        return True
    return False


def hold(context: Context, experiment: Experiment, intent: Record, draft: str) -> None:
    known = context.state.held.get(experiment.id)
    if known is None or known.draft != draft:
        words = {"experiment": experiment.id, "action": intent.body.get("action"), "draft": draft}
        context.record(RecordType.RECOVER, {"intent": intent.seq, "did": WAITS, **words})


def finish_promotion(context: Context, experiment: Experiment, intent: Record) -> None:
    """From the intent on; every part of it may have happened already."""
    numbers = intent.body.get("numbers", {})
    promotion = context.world.tuning.promote(experiment)
    if experiment.id not in context.state.finished:
        context.record(RecordType.DECIDE, {"experiment": experiment.id, "ruling": "keep", **numbers})
    if experiment.id not in context.state.kept:
        context.record(
            RecordType.PROMOTE,
            {"experiment": experiment.id, "to": dict(experiment.changes), "promotion": dict(promotion)},
        )
    context.world.proposals.close(experiment, "keep", numbers)
    context.record(RecordType.APPLIED, {"intent": intent.seq})


def roll_back(context: Context, experiment: Experiment, promotion: Mapping[str, Any], reason: str) -> None:
    intent = context.record(
        RecordType.INTENT,
        {"action": "rollback", "experiment": experiment.id, "promotion": dict(promotion), "reason": reason},
    )
    or_hold(context, experiment, intent, finish_rollback)


def finish_rollback(context: Context, experiment: Experiment, intent: Record) -> str:
    """Why it is over."""
    promotion = intent.body.get("promotion", {})
    restored = context.world.tuning.restore(experiment, promotion)
    reason = str(intent.body.get("reason"))
    if not restored and is_replaced(context.world.tuning, experiment):
        reason = BY_HAND  # nothing of it is left, and what is there instead is theirs
    if experiment.id not in context.state.rolled_back:
        context.record(RecordType.ROLLBACK, {"experiment": experiment.id, "reason": reason, "restored": restored})
    if not restored and reason != BY_HAND:
        # Somebody's own edit is not undone; a person has to look, and until then nothing is tried.
        context.record(RecordType.FREEZE, {"reason": "settings_edited_during_probation"})
    context.world.proposals.close(experiment, "rolled_back", {"reason": reason})
    context.record(RecordType.APPLIED, {"intent": intent.seq})
    return reason
