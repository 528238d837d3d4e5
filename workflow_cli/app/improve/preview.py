"""What a requirement would do, before anybody is asked about it: it must be found, and push nothing aside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflow_cli.domain.improvement.displaced import asked_elsewhere, loss
from workflow_cli.domain.improvement.gap_text import EXPECTED

if TYPE_CHECKING:
    from workflow_cli.app.improve.context import Context
    from workflow_cli.app.improve.ports import Supposed
    from workflow_cli.domain.improvement.experiment import Candidate, Experiment
    from workflow_cli.domain.improvement.replayed import Placed

#: All requirements together may push aside so many of the places there are.
MOST_DISPLACED = 0.01
#: Of the wordings that were not drafted from, so many must find what was written.
LEAST_ANSWERED = 0.6
_MOST_OTHERS = 200
#: The time of the cycle is up.
NOT_NOW = "not_now"


def with_preview(context: Context, candidate: Candidate) -> Candidate | str:
    """The candidate with what is to be expected of it, or why nobody need be asked about it."""
    document = candidate.document or {}
    supposed = context.world.answerers.supposing(document, context.world.tuning.base())
    if supposed is None:
        return candidate
    with closing(supposed):
        expected = _expectation(context, document, supposed)
    if isinstance(expected, str):
        return expected
    candidate = replace(candidate, document={**document, EXPECTED: expected})
    return "displaced: {displaced}/{others}".format(**expected) if displaces_too_much(context, candidate) else candidate


def _expectation(context: Context, document: Mapping[str, Any], supposed: Supposed) -> dict[str, float] | str:
    if supposed.passages(document["question"]) is None:
        return NOT_NOW
    held_out = document["held_out"]
    answered = sum(_finds(supposed, question) for question in held_out)
    drafted_from = [document["question"], *document["also"]]
    finding = answered + sum(_finds(supposed, question) for question in drafted_from)
    wordings = len(drafted_from) + len(held_out)
    if answered < LEAST_ANSWERED * len(held_out) or finding < LEAST_ANSWERED * wordings:
        return f"not_found: {finding}/{wordings}"
    others = asked_elsewhere(context.summary, document["clusters"], _MOST_OTHERS)
    before, after = _passages_now(context, others), _passages_then(supposed, others)
    if others and not after:
        return NOT_NOW
    seen = loss(others, before, after)
    return {
        "held_out": len(held_out),
        "answered": answered,
        "others": round(seen.held, 1),
        "displaced": round(seen.lost, 2),
    }


def _finds(supposed: Supposed, question: str) -> bool:
    return not frozenset(supposed.made).isdisjoint(supposed.passages(question) or ())


def _passages_now(context: Context, others: Sequence[Placed]) -> dict[str, Sequence[str]]:
    base = context.world.tuning.base()
    found = {one.question: context.world.answerers.passages(one.question, one.kind, base) for one in others}
    return {question: passages.cites for question, passages in found.items() if passages is not None}


def _passages_then(supposed: Supposed, others: Sequence[Placed]) -> dict[str, Sequence[str]]:
    found = {one.question: supposed.passages(one.question) for one in others}
    return {question: passages for question, passages in found.items() if passages is not None}


def displaces_too_much(context: Context, candidate: Candidate) -> bool:
    """Together with those that are in the specs and those that wait for a person, and with a standard error more, as of
    things that are rare: what is expected is as often exceeded. Where nobody looked, nobody knows."""
    others, displaced = _expected(candidate)
    state = context.state
    along = [*(state.experiments[id] for id in state.carried_out), *state.waiting.values()]
    total = displaced + sum(_expected(one)[1] for one in along)
    return displaced > 0 and total + math.sqrt(total) > MOST_DISPLACED * others


def _expected(one: Candidate | Experiment) -> tuple[float, float]:
    expected = (one.document or {}).get(EXPECTED) or {"others": 0.0, "displaced": 0.0}
    return float(expected["others"]), float(expected["displaced"])
