"""Analyse and propose: which change, if any, is worth an experiment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.screen import Screen, Screened, enough_to_decide
from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.change_text import PREEMPTED
from workflow_cli.domain.improvement.expectation import expectation
from workflow_cli.domain.improvement.experiment import (
    AT_ONCE,
    PROMPT,
    Candidate,
    Deferred,
    Design,
    Experiment,
    experiment_id,
    fluff,
)
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.knobs import (
    BREAKER,
    CONCURRENCY,
    MODEL_OF_KIND,
    TOOL_TIMEOUT,
    approval_class,
    moves_tools,
)
from workflow_cli.domain.improvement.knobs import ApprovalClass as Class
from workflow_cli.domain.improvement.lever import Lever
from workflow_cli.domain.improvement.observation import family_of
from workflow_cli.domain.improvement.pairs import verdict_share
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.rule import Rule, Ruling, way_back
from workflow_cli.domain.improvement.setting_values import Settings, fingerprint
from workflow_cli.domain.improvement.summary import Summary

_DAY = 86400.0
AA = "aa"
_SHOWN = 0.25
#: The standard deviation of a pair of requests of two arms: nearly all differences are between -1 and 1, and many near them.
_SPREAD = 0.5


def propose(context: Context, screen: Screen, *, beside: bool = False, urgent: bool = False) -> list[Screened]:
    """Every candidate that may be tried, best first; why there are no others goes into the ledger, each reason once.

    `beside`: only what needs no traffic to be decided, so that an experiment may go on meanwhile; and where `urgent`, what it may give
    way to, which is asked for in vain where it may not.
    """
    base = context.world.tuning.base()
    views = context.views
    found: list[Screened] = []
    reasons: dict[tuple[str, str], str] = {}

    @cache  # candidates by the dozen may move the same tool
    def cure(seen: Summary) -> str | None:
        return _cure_of_tools(context, seen, base)

    for lever in _allowed_levers(context):
        if beside and lever.design not in (*AT_ONCE, Design.APPROVAL) and not (urgent and lever.urgent):
            continue
        for seen in views if lever.symptom else views[:1]:
            for proposal in lever.propose(seen, base):
                if isinstance(proposal, Deferred):
                    reasons.setdefault((proposal.lever, proposal.scope), proposal.reason)
                    continue
                verdict = _judge(context, screen, lever, proposal, base, seen, cure)
                if isinstance(verdict, Screened):
                    found.append(verdict)
                elif verdict is not None:
                    reasons.setdefault((proposal.lever, proposal.scope), verdict)
    for (lever_id, scope), reason in reasons.items():
        # Figures change all the time; the reason is the same as long as its word is.
        known = context.state.deferred.get((lever_id, scope))
        if known is None or known.partition(":")[0] != reason.partition(":")[0]:
            context.record(RecordType.DEFERRED, {"lever": lever_id, "scope": scope, "reason": reason})
    found.sort(key=lambda screened: -screened.gain)
    return found


def _judge(
    context: Context,
    screen: Screen,
    lever: Lever,
    candidate: Candidate,
    base: Settings,
    seen: Summary,
    cure: Callable[[Summary], str | None],
) -> Screened | str | None:
    """The candidate with what its screening showed, why it is put off, or None where it was looked at just now."""
    policy, state = context.policy, context.state
    id = experiment_id(candidate.lever, candidate.scope, _before(base, candidate.changes), candidate.changes, "")
    if candidate.document == {"kind": PROMPT}:
        if any(experiment.is_advice for experiment in state.waiting.values()):
            return "proposed_already"
        if is_cooling(context, candidate):
            return "cooldown"
        if documents_left(context) <= 0:
            return "budget"
    elif candidate.design is Design.APPROVAL:
        if any(_is_about_the_same(candidate, experiment) for experiment in state.experiments.values()):
            return "proposed_already"
        if documents_left(context) <= 0:
            return "budget"
    elif approval_class(candidate.changes) is Class.D:
        return "class_D"
    elif approval_class(candidate.changes) not in policy.automatic:
        return f"class_{approval_class(candidate.changes)}"
    elif is_cooling(context, candidate):
        return "cooldown"
    elif context.screened.get(key := f"{id}/{seen is context.summary}", -1) >= (
        size := _evidence_size(context, candidate)
    ):
        return None
    else:
        # Looked at again when there is an eighth more to look at; what costs no calls, whenever there is anything new.
        context.screened[key] = size + (0 if candidate.design is Design.TRACE else size // 8)
    if moves_tools(base, candidate.changes) and (first := cure(seen)) is not None:
        return f"first: {first}"
    if candidate.design is Design.INTERLEAVED and len(context.replays_today()) >= policy.replays_a_day:
        return "budget"
    screened = screen.screen(lever, candidate, seen)
    if not isinstance(screened, Screened):
        return screened
    candidate = screened.candidate
    reason = fluff(candidate, screened.predicted, [lever.id for lever in context.levers])
    if reason is not None:
        return reason
    if candidate.design in AT_ONCE:
        rule = rule_for(context, candidate.changes, candidate.design)
        if screened.predicted.high < rule.least_gain:
            return "no_headroom"
        if len(screened.deciding) < rule.least_pairs:
            return f"insufficient_pairs: {len(screened.deciding)}/{rule.least_pairs}"
        if not enough_to_decide(screened, rule.keep_e):
            return "insufficient_power"
    if candidate.design is Design.INTERLEAVED:
        expected = _expected_pairs(context, screened)
        if expected < policy.rule.futile_pairs:
            return f"insufficient_traffic: {expected:.0f}/{policy.rule.futile_pairs}"
    return screened


def _allowed_levers(context: Context) -> Iterator[Lever]:
    allowed = context.policy.levers
    return (lever for lever in context.levers if allowed is None or lever.id in allowed)


def _cure_of_tools(context: Context, seen: Summary, base: Settings) -> str | None:
    """What there is to try before a tool that fails is asked later or given up: to wait for it less.

    Calls fail in stretches. As long as one of them is waited for to the end, all pairs out of it are for any other order, and
    a tool that nobody asks any more cannot show that it is well again.
    """
    if not any(t.fails_often for (_, answerer), t in seen.tried.items() if family_of(answerer) == "mcp"):
        return None
    for lever in _allowed_levers(context):
        for proposal in lever.propose(seen, base) if lever.design is Design.TRACE else ():
            if isinstance(proposal, Candidate) and not proposal.changes.keys().isdisjoint((BREAKER, TOOL_TIMEOUT)):
                return lever.id
    return None


def _is_about_the_same(candidate: Candidate, experiment: Experiment) -> bool:
    """Also where other questions came to it since, so that another cluster leads them."""
    ours, theirs = (set((one.document or {}).get("clusters", ())) | {one.scope} for one in (candidate, experiment))
    return candidate.lever == experiment.lever and not ours.isdisjoint(theirs)


def hoped(context: Context, running: Experiment) -> float:
    """What may yet come of an experiment: its mean so far and a standard error more, for the part of all requests that it speaks for."""
    observed = context.state.observed or {}
    pairs = int(observed.get("pairs", 0))
    mean = float(observed["mean"]) + _SPREAD / math.sqrt(pairs) if pairs else running.predicted.high
    return mean * (1.0 if running.share is None else running.share)


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


def _expected_pairs(context: Context, screened: Screened) -> float:
    """How many pairs there will be within the time an experiment has, going by what was asked until now."""
    asked = context.window.asked
    seconds = max(_DAY / 3, asked[-1].at - asked[0].at)
    judged = context.summary.verdict_rate * screened.share * len(asked) / 2
    return judged / seconds * context.policy.rule.most_seconds


def _evidence_size(context: Context, candidate: Candidate) -> int:
    """Grows with every event, so that a new one of the kind is a reason to look again."""
    if candidate.design is Design.RECALL:
        return len(context.summary.references)
    return len(context.window.asked) + len(context.window.suggestions) + len(context.window.checks)


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


def rule_for(context: Context, changes: Settings, design: Design) -> Rule:
    """The rule in force, and a stricter one for what takes back something that was kept."""
    rule = context.policy.rule
    if design in AT_ONCE:
        rule = replace(rule, evidence="sign")
    if design is Design.DOCUMENTS:
        # What a repair does to a document is no sample of anything: it does so always.
        rule = replace(rule, least_pairs=context.policy.least_screen)
    if design is Design.RECALL:
        rule = replace(rule, most_pairs=context.policy.most_recall)
    if design is Design.SWITCHBACK:
        # When the same answers come cannot change how good they are: only a loss that is shown counts.
        rule = replace(rule, guard_e=_SHOWN)
    if MODEL_OF_KIND in changes:
        # It may be so much sooner that hardly anybody notices how much more often it is wrong.
        rule = replace(rule, guard_margins={**rule.guard_margins, "acceptance": 0.0})
    for id in context.state.kept:
        kept = context.state.experiments[id]
        if id not in context.state.rolled_back and any(
            name in changes and changes[name] == kept.before.get(name) for name in kept.changes
        ):
            return way_back(rule)
    return rule


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
            before=_before(base, candidate.changes),
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
    return expectation(screened.differences, pairs=rule.futile_pairs, spread=_SPREAD)


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
    plain = experiment_id(lever, scope, _before(base, changes), changes, context.world.tuning.fingerprint())
    tries = sum(id.partition("-")[0] == plain for id in context.state.experiments)
    return f"{plain}-{tries}" if tries else plain


def _before(base: Settings, changes: Settings) -> Settings:
    return {name: base.get(name) for name in changes}
