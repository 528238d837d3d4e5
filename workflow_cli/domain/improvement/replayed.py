"""What a question asked again with other settings was worth, beside what is known of it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.known_quality import EXACT, says_where, thinned
from workflow_cli.domain.improvement.observation import Asked, Outcome
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Reference, Summary
from workflow_cli.domain.improvement.utility import ABSTAINED

#: How much of a passage's worth there is in helping a model that would often do without.
_HELP = 0.4
#: How often passages that hold the place answer the question, until people have judged them when they came first: taken
#: to be so when it is decided what to try. What counts as evidence takes less, see `known_quality.py`.
_FITTING = 0.75
#: What the share of right answers is where nothing is known, and how many answers that counts for.
EVEN, _EVEN_FOR = 0.5, 2.0
#: What a place is worth less where its rank is twice as high.
_A_DOUBLING = 0.1
#: What it costs to look through passages, times their number squared: each makes it harder to see the one that was sought.
_TO_LOOK_THROUGH = 0.002
_DAY = 86400.0
#: How steeply the chance falls, over the passages of an accepted answer, that it was this one.
_STEEP = 1.5
#: So many of the newest statements about a place are counted against each other.
_VOTES = 5


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A question that was asked on a day, and where it is answered: the places with how likely each is to be the one."""

    id: str
    kind: str
    cluster: str
    question: str
    places: Mapping[str, float]


def answer_worth(
    seen: Summary, sample: Sample, replayed: Replayed, *, unplaced: float = EVEN, fitting: float = _FITTING
) -> float:
    """Agreement with the known place stands for quality; where none is known, an answer is as good as `unplaced` says.

    `fitting` is how often passages that hold the place are taken to answer the question, where people have not said so.
    """
    if replayed.outcome is Outcome.FAILED:
        good = 0.0
    elif replayed.outcome is Outcome.ABSTAINED:
        good = ABSTAINED
    else:
        agreement = _agreement(seen, sample, replayed, fitting)
        good = unplaced if agreement is None else agreement
    return seen.worth.utility(sample.kind, good, replayed.ms)


def _agreement(seen: Summary, sample: Sample, replayed: Replayed, fitting: float) -> float | None:
    """None where no place is known."""
    if sample.reference is None or not says_where(sample.reference.cites):
        return None
    good = float(not set(replayed.cites).isdisjoint(sample.reference.cites))
    if good and len(replayed.cites) > EXACT:
        # Passages that hold the place need not say what was asked.
        return seen.of(sample.kind, "specs").acceptance if seen.shown.get(sample.kind, 0.0) > 0.5 else fitting
    return good


def agreement_by_kind(seen: Summary, replayed: Iterable[tuple[Sample, Replayed]]) -> dict[str, float]:
    """How good the answers of one setting are to questions whose place is known: so good its other answers are taken to be.

    What people accepted of answers that another model gave says nothing about these.
    """
    right: dict[str, float] = defaultdict(lambda: EVEN * _EVEN_FOR)
    count: dict[str, float] = defaultdict(lambda: _EVEN_FOR)
    for sample, one in replayed:
        if one.outcome is not Outcome.ANSWERED or (good := _agreement(seen, sample, one, _FITTING)) is None:
            continue
        weight = seen.weight(sample.reference)
        right[sample.kind] += weight * good
        count[sample.kind] += weight
    return {kind: right[kind] / count[kind] for kind in count}


def recall(sample: Sample, replayed: Replayed) -> float:
    """The share of the known places among the passages. Of several places all count, for nobody said which was needed."""
    if sample.reference is None or not sample.reference.cites:
        raise ValueError("recall needs a reference")
    cites = sample.reference.cites
    return sum(place in replayed.cites for place in cites) / len(cites)


def rank_credit(placed: Placed, replayed: Replayed) -> float:
    """Whether the place is there at all counts most, then how far up, and what it costs to look through so many.

    To give nothing is worth more than to give what is beside the question: another answerer may do better.
    """
    if replayed.outcome is Outcome.ABSTAINED:
        return ABSTAINED
    ranks = {place: rank for rank, place in enumerate(replayed.cites, start=1)}
    found = sum(
        chance * max(0.0, 1 - _A_DOUBLING * math.log2(ranks[place]))
        for place, chance in placed.places.items()
        if place in ranks
    )
    return max(0.0, found - _TO_LOOK_THROUGH * len(replayed.cites) ** 2)


def help_of(seen: Summary, kind: str) -> float:
    """Passages that are shown are worth what they hold; those that only help a model, a part of that."""
    part = seen.shown.get(kind, 1.0)
    return part + (1 - part) * _HELP


def samples_to_choose(seen: Summary, scope: str, most: int) -> list[Sample]:
    """The newest questions of DEV, those with a known place first: two thirds of them at most where there are others.

    The place of one wording is that of all wordings of its cluster.
    """
    samples = [sample for sample in seen.once(_questions_of_dev) if scope in ("*", sample.kind)]
    referenced = [sample for sample in samples if sample.reference]
    others = [sample for sample in samples if not sample.reference]
    first = referenced[: max(2 * most // 3, most - len(others))]
    return first + others[: most - len(first)]


def _questions_of_dev(seen: Summary) -> Sequence[Sample]:
    """Each question of a kind once, as it was asked last; the newest first."""
    known = seen.once(_best_known)
    of_cluster = _known_of_clusters(known.values())
    found: dict[tuple[str, str], Sample] = {}
    for asked in reversed(seen.requests):
        key = (asked.kind, asked.question)
        if key not in found and part_of(asked.cluster) is Part.DEV:
            found[key] = _sample(asked, known.get(key) or of_cluster.get(asked.cluster))
    return list(found.values())


def samples_to_confirm(seen: Summary, scope: str, most: int) -> list[Sample]:
    """The newest questions of CONFIRM with a known place, as often as people judged them; accepted ones thinned, see `known_quality.py`."""
    share = 1 / seen.rejections_a_correction
    known = seen.once(_best_known)
    found = [
        Sample(id=r.id, kind=r.kind, cluster=r.cluster, question=r.question, reference=known[r.kind, r.question])
        for r in seen.references
        if scope in ("*", r.kind)
        and part_of(r.cluster) is Part.CONFIRM
        and says_where(r.cites)
        and (r.corrected or thinned("place", r.id, share))
    ]
    return found[-most:]


def _best_known(seen: Summary) -> Mapping[tuple[str, str], Reference]:
    """The newest for each question; what a person named outweighs what a person accepted."""
    found: dict[tuple[str, str], Reference] = {}
    for reference in seen.references:
        key = (reference.kind, reference.question)
        if key not in found or reference.corrected or not found[key].corrected:
            found[key] = reference
    return found


def _known_of_clusters(known: Iterable[Reference]) -> dict[str, Reference]:
    """Where the other questions of a cluster are answered; nobody corrected an answer to these."""
    found: dict[str, Reference] = {}
    for reference in known:
        if says_where(reference.cites) and (reference.cluster not in found or reference.corrected):
            found[reference.cluster] = reference
    return {cluster: replace(reference, corrected=False) for cluster, reference in found.items()}


def placed_questions(seen: Summary, part: Part, scope: str) -> list[Placed]:
    """Each question of one part that was asked on a day and whose place is known, once, oldest first.

    A place that people accepted or named for one wording is that of all wordings of its cluster. What they said of one question
    is true of it whenever it is asked, whether or not somebody judged that answer too: were only judged answers
    looked at, those that people corrected would be too many, for every correction names its place.
    """
    places = seen.once(places_of)
    found: dict[tuple[str, str, int], Placed] = {}
    for asked in seen.reached:
        if scope not in (ANY_KIND, asked.kind) or part_of(asked.cluster) is not part:
            continue
        known = places.get(("", asked.cluster)) or places.get((asked.kind, asked.question))
        if known:
            found[asked.kind, asked.question, int(asked.at // _DAY)] = Placed(
                id=asked.id, kind=asked.kind, cluster=asked.cluster, question=asked.question, places=known
            )
    return list(found.values())


def places_of(seen: Summary) -> Mapping[tuple[str, str], Mapping[str, float]]:
    """The places where questions are answered, with how likely each is to be the one. By cluster, as `("", cluster)`, where somebody said it exactly; else by kind and question."""
    exact: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    found: dict[tuple[str, str], Mapping[str, float]] = {}
    for reference in seen.references:
        if not reference.cites:
            continue
        if len(reference.cites) <= EXACT:
            exact[reference.cluster].append((reference.cites, 2 if reference.corrected else 1))
        else:
            # One of the passages that were shown was what the person looked for, most likely one of the first.
            weights = [rank**-_STEEP for rank in range(1, len(reference.cites) + 1)]
            found[reference.kind, reference.question] = {
                place: weight / sum(weights) for place, weight in zip(reference.cites, weights, strict=True)
            }
    for cluster, said in exact.items():
        # Where people differ, most of the newest are right; what was named counts twice, for it takes more than a click.
        votes: Counter[tuple[str, ...]] = Counter()
        for cites, weight in said[-_VOTES:]:
            votes[cites] += weight
        most = max(votes.values())
        cites = next(cites for cites, _ in reversed(said) if votes[cites] == most)
        found["", cluster] = {place: 1 / len(cites) for place in cites}
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
