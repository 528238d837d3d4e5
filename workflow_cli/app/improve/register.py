"""Writes an experiment down before anything is observed of its treatment: hypothesis, prediction, and rule."""

from __future__ import annotations

from dataclasses import replace

from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.rule_in_force import rule_for
from workflow_cli.app.improve.screen import Screened
from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.expectation import expectation
from workflow_cli.domain.improvement.experiment import AT_ONCE, Design, Experiment, experiment_id
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.knobs import CONCURRENCY, approval_class
from workflow_cli.domain.improvement.knobs import ApprovalClass as Class
from workflow_cli.domain.improvement.pairs import verdict_share
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.rule import Rule
from workflow_cli.domain.improvement.setting_values import Settings, before, fingerprint

AA = "aa"
#: The standard deviation of a pair of requests of two arms: nearly all differences are between -1 and 1, and many near them.
PAIR_SPREAD = 0.5


def register(context: Context, screened: Screened) -> Experiment:
    """Write down hypothesis, prediction and rule before anything is observed of the treatment."""
    candidate, policy = screened.candidate, context.policy
    base = context.world.tuning.base()
    rule = rule_for(context, candidate.changes, candidate.design)
    return _register(
        context,
        Experiment(
            id=_id(context, candidate.lever, candidate.scope, base, candidate.changes),
            lever=candidate.lever,
            scope=candidate.scope,
            design=candidate.design,
            approval=Class.C if candidate.design is Design.APPROVAL else approval_class(candidate.changes),
            changes=candidate.changes,
            before=before(base, candidate.changes),
            base=context.world.tuning.fingerprint(),
            hypothesis=candidate.hypothesis,
            evidence=candidate.evidence,
            predicted=screened.predicted,
            rule=rule,
            policy=policy.hash,
            evaluation_set=fingerprint(sorted(item.id for item in screened.deciding)),
            salt=context.make_salt(),
            verdict_rate=verdict_share(context.summary.verdict_rate),
            since=context.now,
            expires=context.now + rule.most_seconds,
            by_reference=candidate.by_reference,
            touches=candidate.touches,
            beyond_ms=candidate.beyond_ms,
            head_start=screened.head_start,
            expected=_expected(screened, rule),
            share=screened.share,
            document=candidate.document,
        ),
    )


def _expected(screened: Screened, rule: Rule) -> Interval | None:
    """What the experiment is expected to measure; None where a person decides."""
    if screened.candidate.design is Design.APPROVAL:
        return None
    if screened.candidate.design in AT_ONCE:
        return expectation(screened.differences, pairs=min(len(screened.deciding), rule.most_pairs))
    return expectation(screened.differences, pairs=rule.futile_pairs, spread=PAIR_SPREAD)


def register_aa(context: Context) -> Experiment:
    """An experiment whose arms are the same; one in four in turns, where the system can be switched as a whole."""
    policy = context.policy
    base = context.world.tuning.base()
    turns = context.state.registered // policy.aa_every % 4 == 3 and CONCURRENCY in base
    rule = replace(policy.rule, most_pairs=policy.aa_pairs)
    return _register(
        context,
        Experiment(
            id=_id(context, AA, ANY_KIND, base, {"number": context.state.registered}),
            lever=AA,
            scope=ANY_KIND,
            design=Design.SWITCHBACK if turns else Design.INTERLEAVED,
            approval=Class.A,
            changes={},
            before={},
            base=context.world.tuning.fingerprint(),
            hypothesis="both arms are the same: no difference",
            evidence=tuple(asked.id for asked in context.summary.requests[-1:]),
            predicted=Interval(0.0, 0.0),
            rule=rule,
            policy=policy.hash,
            evaluation_set=fingerprint([]),
            salt=context.make_salt(),
            verdict_rate=verdict_share(context.summary.verdict_rate),
            since=context.now,
            expires=context.now + rule.most_seconds,
            same=True,
        ),
    )


def _register(context: Context, experiment: Experiment) -> Experiment:
    if not experiment.same:
        context.record(
            RecordType.PROPOSAL,
            {
                "experiment": experiment.id,
                "lever": experiment.lever,
                "scope": experiment.scope,
                "to": dict(experiment.changes),
                "evidence": list(experiment.evidence),
                "predicted": [experiment.predicted.low, experiment.predicted.high],
            },
        )
    record = context.record(RecordType.REGISTER, experiment.as_json())
    context.world.proposals.open(experiment)
    return context.state.experiments.get(experiment.id) or _impossible(record.seq)


def _impossible(seq: int) -> Experiment:
    raise AssertionError(f"record {seq} registers nothing")


def _id(context: Context, lever: str, scope: str, base: Settings, changes: Settings) -> str:
    """Tried again after its cooldown, a change is a new experiment, though one that a second cron job makes is not."""
    plain = experiment_id(lever, scope, before(base, changes), changes, context.world.tuning.fingerprint())
    tries = sum(id.partition("-")[0] == plain for id in context.state.experiments)
    return f"{plain}-{tries}" if tries else plain
