"""Analyse and propose: which change, if any, is worth an experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from workflow_cli.app.improve.allowances import documents_left, is_cooling
from workflow_cli.app.improve.context import Context
from workflow_cli.app.improve.rule_in_force import rule_for
from workflow_cli.app.improve.screen import Screen, Screened, enough_to_decide
from workflow_cli.domain.improvement.change_text import NOT_WRITABLE
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
from workflow_cli.domain.improvement.knobs import (
    BREAKER,
    TOOL_TIMEOUT,
    approval_class,
    moves_tools,
)
from workflow_cli.domain.improvement.knobs import ApprovalClass as Class
from workflow_cli.domain.improvement.lever import Lever
from workflow_cli.domain.improvement.observation import family_of
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.setting_values import Settings, before
from workflow_cli.domain.improvement.summary import Summary

_DAY = 86400.0


def propose(context: Context, screen: Screen, *, beside: bool = False, urgent: bool = False) -> list[Screened]:
    """Every candidate that may be tried, best first; why there are no others goes into the ledger, each reason once.

    `beside`: only what needs no traffic to be decided, so that an experiment may go on meanwhile; and where `urgent`, what it may give
    way to, which is asked for in vain where it may not.
    """
    base = context.world.tuning.base()
    views = context.views
    context.obstructed = False
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
    context.reasons |= reasons
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
    id = experiment_id(candidate.lever, candidate.scope, before(base, candidate.changes), candidate.changes, "")
    if any((e.lever, e.scope) == (candidate.lever, candidate.scope) for e in _held(context)):
        return "proposed_already"
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
    if candidate.changes and (obstacle := context.world.tuning.obstacle(candidate.changes)) is not None:
        context.screened.pop(f"{id}/{seen is context.summary}", None)
        context.obstructed = True
        return f"{NOT_WRITABLE}: {obstacle}"
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


def _held(context: Context) -> Iterator[Experiment]:
    """What waits for a person before it is in force."""
    return (held.experiment for held in context.state.held.values() if held.is_promotion)


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
    window = context.window
    return len(window.asked) + len(window.suggestions) + window.thought_again + len(window.checks)
