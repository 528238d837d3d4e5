"""The loop checks itself: false keeps among experiments with equal arms, and a planted bad change that has to be caught."""

from __future__ import annotations

from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.measure import fold
from workflow_cli.domain.improvement.observation import Asked, Outcome
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.replayed import answer_worth, samples_with_place
from workflow_cli.domain.improvement.rule import Pair, Rule, Ruling, decide
from workflow_cli.domain.improvement.setting_values import with_changes
from workflow_cli.domain.improvement.split import Part
from workflow_cli.domain.improvement.utility import Worth, quality

SABOTAGE = "sabotage"
VAULT = "vault"
_LOSS = 0.3
_LEAST = 40
_LAST = 10
_MOST_FALSE = 2
_HARM = 20.0


def check(context: Context) -> None:
    """Freeze the loop to proposing only where a check fails."""
    state = context.state
    if state.unsaid:
        context.record(RecordType.FREEZE, {"reason": state.frozen})
    if state.frozen is not None:
        return
    aa = [passed for name, passed, _ in state.checks if name == "aa"][-_LAST:]
    if aa.count(False) >= _MOST_FALSE:
        context.record(RecordType.FREEZE, {"reason": "aa_false_keeps"})
        return
    if _due(context, SABOTAGE) and len(context.summary.requests) >= _LEAST:
        passed = sabotage_is_caught(list(context.summary.requests), context.policy.rule, context.policy.worth)
        context.record(RecordType.AA_CHECK, {"check": SABOTAGE, "passed": passed})
        if not passed:
            context.record(RecordType.FREEZE, {"reason": "sabotage_not_caught"})
            return
    if _due(context, VAULT):
        _audit(context)


def _due(context: Context, name: str) -> bool:
    last = max((at for check, _, at in context.state.checks if check == name), default=context.state.first)
    return last is not None and not context.is_within(context.policy.check_every, last)


def sabotage_is_caught(requests: list[Asked], rule: Rule, worth: Worth) -> bool:
    """Real requests, and the same ones spoilt: the rule must not keep that, nor keep what makes no difference."""
    spoilt, same = [], []
    for asked in requests:
        known = quality(asked, None)
        value = worth.utility(asked.kind, 0.7 if known is None else known, asked.ms)
        failed = asked.outcome is Outcome.FAILED
        worse = max(0.0, value - _LOSS)
        spoilt.append(Pair(difference=worse - value, base_failed=failed, treated_failed=failed))
        same.append(Pair(difference=0.0))
    for pairs in (spoilt, same):
        progress = fold(pairs, rule)
        decision = decide(rule, progress, elapsed=0.0)
        if decision is not None and decision.ruling is Ruling.KEEP:
            return False
    progress = fold(spoilt, rule)
    decision = decide(rule, progress, elapsed=0.0)
    harmed = any(pair.difference < 0 for pair in spoilt)
    return not harmed or (decision is not None and decision.ruling is Ruling.ABORT)


def _audit(context: Context) -> None:
    """The settings as they are against those before everything that was kept, on questions that never took part."""
    state = context.state
    # What a person would not have taken back is theirs to answer for.
    kept = [state.experiments[id] for id in state.kept if id not in state.rolled_back and id not in state.insisted]
    base = context.world.tuning.base()
    first = base
    for experiment in reversed(kept):
        first = with_changes(first, experiment.before)
    samples = samples_with_place(context.summary, Part.VAULT, "*")
    pairs = []
    for sample in samples:
        before = context.world.answerers.replay(sample.question, sample.kind, first)
        after = context.world.answerers.replay(sample.question, sample.kind, base)
        if before is None or after is None:
            return
        difference = answer_worth(context.summary, sample, after) - answer_worth(context.summary, sample, before)
        pairs.append(Pair(difference=difference))
    progress = fold(pairs, context.policy.rule)
    passed = progress.harm.e_value < _HARM
    context.record(RecordType.AA_CHECK, {"check": VAULT, "passed": passed, "pairs": len(pairs)})
    if not passed:
        context.record(RecordType.FREEZE, {"reason": "audit_failed"})
