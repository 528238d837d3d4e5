"""What a question asked again with other settings was worth, beside what is known of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.improvement.observation import Asked, Outcome
from workflow_cli.domain.improvement.pairs import EXACT, thinned
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Reference, Summary
from workflow_cli.domain.improvement.utility import ABSTAINED

#: How much of a passage's worth there is in helping a model that would often do without.
_HELP = 0.4
#: How often passages that hold the place answer the question, until people have judged them when they came first: taken
#: to be so when it is decided what to try, and to be so at least when it counts as evidence.
_FITTING = 0.75
FITTING_AT_LEAST = 0.7


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """An answer that nobody was given. `cites` are, for passages out of the specs, all of these."""

    outcome: Outcome
    cites: tuple[str, ...]
    ms: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A question to ask again; `reference` where its place is known."""

    id: str
    kind: str
    cluster: str
    question: str
    reference: Reference | None


def answer_worth(seen: Summary, sample: Sample, replayed: Replayed, *, fitting: float = _FITTING) -> float:
    """Agreement with the known place stands for quality; where none is known, what answers of the kind are worth.

    `fitting` is how often passages that hold the place are taken to answer the question, where people have not said so.
    """
    if replayed.outcome is Outcome.FAILED:
        good = 0.0
    elif replayed.outcome is Outcome.ABSTAINED:
        good = ABSTAINED
    elif sample.reference is None or not 0 < len(sample.reference.cites) <= EXACT:
        good = seen.acceptance(sample.kind)
    else:
        good = float(not set(replayed.cites).isdisjoint(sample.reference.cites))
        if len(replayed.cites) > EXACT:
            # Passages that hold the place need not say what was asked.
            good *= seen.of(sample.kind, "specs").acceptance if seen.shown.get(sample.kind, 0.0) > 0.5 else fitting
    return seen.worth.utility(sample.kind, good, replayed.ms)


def recall(sample: Sample, replayed: Replayed) -> float:
    """The share of the known places among the passages. Of several places all count, for nobody said which was needed."""
    if sample.reference is None or not sample.reference.cites:
        raise ValueError("recall needs a reference")
    cites = sample.reference.cites
    return sum(place in replayed.cites for place in cites) / len(cites)


def rank_credit(sample: Sample, replayed: Replayed) -> float:
    """As recall, but a place further down counts for less: 1/log2(1 + rank), as in discounted cumulative gain."""
    if sample.reference is None or not sample.reference.cites:
        raise ValueError("recall needs a reference")
    if len(sample.reference.cites) > EXACT:
        return recall(sample, replayed)
    ranks = [replayed.cites.index(place) + 1 for place in sample.reference.cites if place in replayed.cites]
    return 1 / math.log2(1 + min(ranks)) if ranks else 0.0


def recall_worth(seen: Summary, sample: Sample, credit: float, ms: float) -> float:
    """Passages that are shown are worth what they hold; those that only help a model, a part of that."""
    part = seen.shown.get(sample.kind, 1.0)
    worth = seen.worth.utility(sample.kind, credit, ms)
    return (part + (1 - part) * _HELP) * worth


def samples_to_choose(seen: Summary, scope: str, most: int) -> list[Sample]:
    """The newest questions of DEV, those with a known place first: two thirds of them at most where there are others."""
    known = _best_known(seen)
    referenced: dict[tuple[str, str], Sample] = {}
    others: dict[tuple[str, str], Sample] = {}
    for asked in reversed(seen.requests):
        key = (asked.kind, asked.question)
        if scope not in ("*", asked.kind) or part_of(asked.cluster) is not Part.DEV:
            continue
        if key in referenced or key in others:
            continue
        sample = _sample(asked, known.get(key))
        (referenced if sample.reference else others)[key] = sample
    first = list(referenced.values())[: max(2 * most // 3, most - len(others))]
    return first + list(others.values())[: most - len(first)]


def samples_to_confirm(seen: Summary, scope: str, most: int) -> list[Sample]:
    """The newest questions of CONFIRM with a known place, as often as people judged them; accepted ones thinned, see `pairs.py`."""
    share = 1 / seen.rejections_a_correction
    known = _best_known(seen)
    found = [
        Sample(id=r.id, kind=r.kind, cluster=r.cluster, question=r.question, reference=known[r.kind, r.question])
        for r in seen.references
        if scope in ("*", r.kind)
        and part_of(r.cluster) is Part.CONFIRM
        and 0 < len(r.cites) <= EXACT
        and (r.corrected or thinned("place", r.id, share))
    ]
    return found[-most:]


def _best_known(seen: Summary) -> dict[tuple[str, str], Reference]:
    """The newest for each question; what a person named outweighs what a person accepted."""
    found: dict[tuple[str, str], Reference] = {}
    for reference in seen.references:
        key = (reference.kind, reference.question)
        if key not in found or reference.corrected or not found[key].corrected:
            found[key] = reference
    return found


def samples_with_place(seen: Summary, part: Part, scope: str) -> list[Sample]:
    """Questions whose place is known, of one part, oldest first."""
    return [
        Sample(id=r.id, kind=r.kind, cluster=r.cluster, question=r.question, reference=r)
        for r in seen.references
        if r.cites and part_of(r.cluster) is part and scope in ("*", r.kind)
    ]


def _sample(asked: Asked, reference: Reference | None) -> Sample:
    return Sample(id=asked.id, kind=asked.kind, cluster=asked.cluster, question=asked.question, reference=reference)


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
