"""Documents that a person decided about: carried out, measured at once, and withdrawn where they do not help.

All of them together may push aside one in a hundred of the places that people accepted or named.
"""

from __future__ import annotations

from typing import Any

from workflow_cli.app.improve.coding import Assignment, Worked
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.ports import HumanDecision
from workflow_cli.app.improve.preview import LEAST_ANSWERED, MOST_DISPLACED
from workflow_cli.app.improve.promotion import promote
from workflow_cli.domain.improvement.change_text import BY_HAND, NOT_THERE, VETO, change_name
from workflow_cli.domain.improvement.experiment import CODE, Experiment
from workflow_cli.domain.improvement.knobs import AGENT
from workflow_cli.domain.improvement.record import Record, RecordType
from workflow_cli.domain.improvement.replayed import Replayed
from workflow_cli.errors import WorkflowError

#: Of an intent.
DOCUMENT = "document"
_MOST_OTHERS = 300
_FIGURES = ("pairs", "mean", "interval", "e", "harm_e")


def follow_decisions(context: Context, *, dry: bool = False) -> list[str]:
    """What was done about each document that a person decided about; `dry`, what would be."""
    done = []
    for id, said in context.world.proposals.decisions().items():
        experiment = context.state.waiting.get(id) or _half_refused(context, id)
        if (
            experiment is None
            or id in context.state.held
            or (said.agreed and not _may_start(context, experiment, dry=dry))
        ):
            continue
        name = change_name(experiment)
        if said.agreed and is_obstructed(context, experiment):
            _note_approval(context, experiment, said)
            continue
        if dry:  # what would come of it cannot be known
            done.append(f"follow a decision: {name} was {'approved' if said.agreed else 'rejected'}")
        else:
            came_of_it = _approved(context, experiment, said) if said.agreed else _refused(context, experiment, said)
            if came_of_it is not None:
                done.append(f"followed a decision: {name}: {came_of_it}")
    return done


def _refused(context: Context, experiment: Experiment, said: HumanDecision) -> str:
    words = {"experiment": experiment.id, "by": said.by, "because": said.because}
    if experiment.id not in context.state.vetoed:
        context.record(RecordType.VETO, words)
    context.record(RecordType.DECIDE, {**words, "ruling": VETO, "reason": VETO})
    context.world.proposals.close(experiment, VETO, words)
    return VETO


def is_obstructed(context: Context, experiment: Experiment) -> bool:
    """Whether something keeps an approved requirement out of the specs; it is tried again in each cycle."""
    is_requirement = not (experiment.is_code or experiment.is_advice)
    return is_requirement and context.world.proposals.obstacle(experiment) is not None


def _note_approval(context: Context, experiment: Experiment, said: HumanDecision) -> None:
    if experiment.id not in context.state.approved:
        words = {"experiment": experiment.id, "by": said.by, "because": said.because}
        context.record(RecordType.APPROVAL, words)


def _approved(context: Context, experiment: Experiment, said: HumanDecision) -> str | None:
    _note_approval(context, experiment, said)
    if experiment.is_code:
        return _have_it_done(context, experiment)
    if experiment.is_advice:
        # It was decided on questions that did not choose it; from here on it is like all that is kept: on probation.
        figures = {name: (experiment.document or {}).get(name) for name in _FIGURES}
        reason = promote(context, experiment, figures)
        if experiment.id in context.state.held:
            return "keep, once a person agrees to the settings"
        return "keep" if reason is None else f"abort: {reason}"
    if context.world.proposals.is_replaced(experiment):
        # What is in the specs now is that person's, and nothing that the loop could take back or be proud of.
        context.record(RecordType.DECIDE, {"experiment": experiment.id, "ruling": "abort", "reason": BY_HAND})
        return f"abort: {BY_HAND}"
    return _carry_out(context, experiment)


def take_back_undone(context: Context) -> list[str]:
    """Requirements that were in the specs until somebody undid that: they count as taken back."""
    state, undone = context.state, []
    for id in list(state.carried_out):
        experiment = state.experiments[id]
        if not (experiment.is_code or experiment.is_advice) and context.world.proposals.is_undone(experiment):
            body = {"experiment": id, "reason": BY_HAND, "restored": False}
            context.record(RecordType.ROLLBACK, body)
            context.world.proposals.close(experiment, "rolled_back", {"reason": BY_HAND})
            undone.append(f"roll_back: {BY_HAND}")
    return undone


def _half_refused(context: Context, id: str) -> Experiment | None:
    """One of which a killed process wrote down that a person said no, and nothing more."""
    refused = id in context.state.vetoed and id not in context.state.finished
    return context.state.experiments.get(id) if refused else None


def _carry_out(context: Context, experiment: Experiment) -> str | None:
    """What was found before goes into the intent: once the document is there, nobody could tell what it pushed aside."""
    before = _places(context)
    intent = context.record(
        RecordType.INTENT,
        {
            "action": DOCUMENT,
            "experiment": experiment.id,
            "others": len(before),
            "places": [list(key) for key, held in before.items() if held],
        },
    )
    try:
        return finish_document(context, experiment, intent)
    except WorkflowError:
        if not is_obstructed(context, experiment):
            raise
        context.record(RecordType.RECOVER, {"intent": intent.seq, "action": DOCUMENT, "did": "dropped"})
        return None


def may_be_finished(context: Context, experiment: Experiment) -> bool:
    """Whether an intent that a killed process left can be; what had not happened then may be in somebody's way now."""
    if experiment.id in context.state.measured:
        return True
    return not (context.world.proposals.is_replaced(experiment) or is_obstructed(context, experiment))


def finish_document(context: Context, experiment: Experiment, intent: Record) -> str:
    """From the intent on; every part of it may have happened already. What came of it."""
    figures = dict(context.state.measured.get(experiment.id, {}))
    ruling = "keep" if experiment.id in context.state.carried_out else "abort" if figures else None
    if ruling is None:
        made = context.world.proposals.carry_out(experiment)
        figures = _effect(context, experiment, intent, frozenset(made))
        reason = _reason_against(context, figures) if made else NOT_THERE
        ruling = "keep" if reason is None else "abort"
        if reason is not None:
            figures["reason"] = reason
        context.record(RecordType.DECIDE, {"experiment": experiment.id, "ruling": ruling, **figures})
    if ruling == "keep":
        context.world.proposals.close(experiment, "keep", figures)
    else:
        if experiment.id not in context.state.rolled_back:
            context.world.proposals.withdraw(experiment)
            reason = figures.get("reason")
            context.record(RecordType.ROLLBACK, {"experiment": experiment.id, "reason": reason, "restored": True})
        context.world.proposals.close(experiment, "rolled_back", figures)
    context.record(RecordType.APPLIED, {"intent": intent.seq})
    return "keep" if ruling == "keep" else f"roll_back: {figures.get('reason')}"


def _reason_against(context: Context, figures: dict[str, Any]) -> str | None:
    before = sum(int(numbers.get("displaced", 0)) for numbers in context.state.carried_out.values())
    # Of few places one alone does not tell that one in a hundred is lost.
    if before + figures["displaced"] > max(1, MOST_DISPLACED * figures["others"]):
        return "displaced"
    return "not_found" if figures["answered"] < LEAST_ANSWERED * figures["held_out"] else None


def _may_start(context: Context, experiment: Experiment, *, dry: bool) -> bool:
    """An agent is started by a cycle that tries things, and by no other; what changes settings waits until no experiment has to
    do with them. Both wait for the next cycle."""
    state, levers = context.state, context.policy.levers
    if not (experiment.is_code or experiment.is_advice):
        return True
    if experiment.is_advice and (state.running is not None or state.probation is not None):
        return False
    return not dry and context.state.frozen is None and (levers is None or experiment.lever in levers)


def _have_it_done(context: Context, experiment: Experiment) -> str:
    """By the agent that was approved. What comes of it is a branch at best, and nobody's checkout is touched."""
    intent = context.record(RecordType.INTENT, {"action": CODE, "experiment": experiment.id})
    worked = _worked(context, experiment)
    context.record(RecordType.APPLIED, {"intent": intent.seq})
    ruling = "abort" if worked.branch is None else "keep"
    figures = dict(worked.as_json())
    context.record(RecordType.DECIDE, {"experiment": experiment.id, "ruling": ruling, **figures})
    context.world.proposals.close(experiment, ruling, figures)
    return f"abort: {worked.reason}" if worked.branch is None else f"keep: branch {worked.branch}"


def _worked(context: Context, experiment: Experiment) -> Worked:
    document = experiment.document or {}
    agent = context.world.tuning.base().get(AGENT) or {}
    approved = [list(document.get(part, ())) for part in ("command", "tests")]
    coder = context.world.coder
    if coder is None or approved != [list(agent.get(part, ())) for part in ("command", "tests")]:
        return Worked(branch=None, commit=None, reason="another_command_than_approved")
    return coder.work(
        Assignment(
            name=change_name(experiment),
            task=str(document.get("task")),
            command=approved[0],
            tests=approved[1],
            failing=document.get("failing") is True,
        )
    )


def _places(context: Context) -> dict[tuple[str, str], bool]:
    """For questions whose place is known, whether the passages hold it."""
    found = {}
    for reference in context.summary.references[-_MOST_OTHERS:]:
        if reference.cites:
            passages = _passages(context, reference.question, reference.kind)
            if passages is not None:
                found[reference.question, reference.kind] = not set(passages.cites).isdisjoint(reference.cites)
    return found


def _effect(context: Context, experiment: Experiment, intent: Record, made: frozenset[str]) -> dict[str, Any]:
    after = _places(context)
    held_out = list((experiment.document or {}).get("held_out", ()))
    answered = 0
    for question in held_out:
        passages = _passages(context, question, "lookup")
        answered += passages is not None and not made.isdisjoint(passages.cites)
    return {
        "held_out": len(held_out),
        "answered": answered,
        "others": int(intent.body.get("others", 0)),
        "displaced": sum(not after.get((question, kind), False) for question, kind in intent.body.get("places", ())),
    }


def _passages(context: Context, question: str, kind: str) -> Replayed | None:
    return context.world.answerers.passages(question, kind, context.world.tuning.base())
