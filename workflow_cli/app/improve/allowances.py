"""What the loop may begin now: not too much in a week, and nothing again that was tried just now."""

from __future__ import annotations

from workflow_cli.app.improve.context import Context
from workflow_cli.domain.improvement.change_text import PREEMPTED
from workflow_cli.domain.improvement.experiment import Candidate, Design, Experiment
from workflow_cli.domain.improvement.rule import Ruling

_DAY = 86400.0


def aa_is_due(context: Context) -> bool:
    """Of so many experiments one has equal arms: of the newest none had."""
    every = context.policy.aa_every
    newest = list(context.state.experiments.values())[-(every - 1) :]
    return len(newest) == every - 1 and not any(experiment.same for experiment in newest)


def documents_left(context: Context) -> int:
    """How many more documents people may be asked about now."""
    state, policy = context.state, context.policy
    lately = sum(e.document is not None and context.is_within(7 * _DAY, e.since) for e in state.experiments.values())
    return min(policy.most_waiting - len(state.waiting), policy.documents_a_week - lately)


def is_cooling(context: Context, candidate: Candidate | Experiment) -> bool:
    """Whether the same change, or another of the same lever and scope that did not help, was tried not long ago.

    What did harm waits longest. What was taken back for another reason, such as events that somebody made up, was not judged.
    What only gave way need not wait at all.
    """
    for id, (ruling, at) in context.state.finished.items():
        experiment = context.state.experiments[id]
        if ruling in ("keep", PREEMPTED) or (experiment.lever, experiment.scope) != (candidate.lever, candidate.scope):
            continue
        wait = context.policy.cooldown_after_rollback if id in context.state.harmful else context.policy.cooldown
        if experiment.design is Design.TRACE and ruling == Ruling.EXPIRE:
            # Too little was seen to tell, and the log grows every day.
            wait = _DAY
        # Another value of the same thing is nearly the same question, and the data that would decide it are the same.
        if context.is_within(wait if experiment.changes == candidate.changes else _DAY, at):
            return True
    return False
