"""Making a change of settings last, and taking it back: intent, one replace, record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow_cli.app.improve.context import Context
from workflow_cli.domain.improvement.change_text import BASE_CHANGED, BY_HAND, NOT_WRITABLE
from workflow_cli.domain.improvement.experiment import Experiment
from workflow_cli.domain.improvement.record import Record, RecordType


def promote(context: Context, experiment: Experiment, numbers: Mapping[str, Any]) -> str | None:
    """None where it is in force; else why it was given up: nothing was written then."""
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
    finish_promotion(context, experiment, intent)
    return None


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
    finish_rollback(context, experiment, intent)


def finish_rollback(context: Context, experiment: Experiment, intent: Record) -> None:
    promotion = intent.body.get("promotion", {})
    restored = context.world.tuning.restore(experiment, promotion)
    reason = str(intent.body.get("reason"))
    if experiment.id not in context.state.rolled_back:
        context.record(RecordType.ROLLBACK, {"experiment": experiment.id, "reason": reason, "restored": restored})
    if not restored and reason != BY_HAND:
        # Somebody's own edit is not undone; a person has to look, and until then nothing is tried.
        context.record(RecordType.FREEZE, {"reason": "settings_edited_during_probation"})
    context.world.proposals.close(experiment, "rolled_back", {"reason": reason})
    context.record(RecordType.APPLIED, {"intent": intent.seq})
