"""What waits for a person before the settings are written: followed once it was decided."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.ports import HumanDecision
from workflow_cli.app.improve.promotion import finish_promotion, finish_rollback, give_up, hold, is_there
from workflow_cli.domain.improvement.change_text import BASE_CHANGED, VETO, change_name
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.state import Held
from workflow_cli.errors import DraftRejected, WaitsForPerson


def follow_held(context: Context, *, dry: bool = False) -> list[str]:
    """What was done about each; `dry`, what would be."""
    if not context.state.held:
        return []
    decisions = context.world.proposals.decisions()
    done = []
    for held in list(context.state.held.values()):
        said = decisions.get(held.experiment.id)
        refused = said if said is not None and not said.agreed else None
        name = change_name(held.experiment)
        if dry:
            word = "rejected" if refused else "approved" if _is_decided(context, held) else None
            done += [] if word is None else [f"follow a decision: {name} was {word}"]
        elif (came_of_it := _refused(context, held, refused) if refused else _followed(context, held)) is not None:
            done.append(f"followed a decision: {name}: {came_of_it}")
    return done


def told_held(held: Held) -> str:
    """What a person is asked."""
    what = "put in force" if held.is_promotion else f"taken back, {held.reason}"
    return f"{change_name(held.experiment)}, to be {what}: workflow review show {held.draft}"


def _followed(context: Context, held: Held) -> str | None:
    """None where nobody has decided yet."""
    experiment, intent = held.experiment, held.intent
    is_edited = context.world.tuning.fingerprint() != intent.body.get("before")
    if held.is_promotion and is_edited and not is_there(context, experiment):
        give_up(context, experiment, BASE_CHANGED)
        return f"abort: {BASE_CHANGED}"
    try:
        if held.is_promotion:
            finish_promotion(context, experiment, intent)
            return "keep"
        return f"taken back: {finish_rollback(context, experiment, intent)}"
    except WaitsForPerson as waits:
        hold(context, experiment, intent, waits.draft)
        return None
    except DraftRejected as no:  # and its draft is no longer there
        return _refused(context, held, HumanDecision(agreed=False, by=no.by, because=no.because))


def _is_decided(context: Context, held: Held) -> bool:
    if held.is_promotion:
        return is_there(context, held.experiment)
    base = context.world.tuning.base()
    return not all(base.get(name) == value for name, value in held.experiment.changes.items())


def _refused(context: Context, held: Held, said: HumanDecision) -> str:
    experiment = held.experiment
    words: Mapping[str, object] = {"experiment": experiment.id, "by": said.by, "because": said.because}
    if not held.is_promotion:
        context.record(RecordType.VETO, {**words, "against": held.reason})
        return f"it stays, although {held.reason}"
    if experiment.id not in context.state.vetoed:
        context.record(RecordType.VETO, words)
    figures = {**held.intent.body.get("numbers", {}), "reason": VETO, "by": said.by, "because": said.because}
    context.record(RecordType.DECIDE, {**figures, "experiment": experiment.id, "ruling": VETO})
    context.world.proposals.close(experiment, VETO, figures)
    return VETO
