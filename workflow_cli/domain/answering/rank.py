"""Which of the passages that share words with a question come first, and how much of the question they hold."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from workflow_cli.domain.answering.passage import Evidence, Passage, PassageKind
from workflow_cli.domain.answering.query import Thing
from workflow_cli.domain.words.terms import is_pair

#: Of the fields of a passage: its own title, the titles around it with its capability, its text.
WEIGHTS = (2.0, 1.0, 1.0)

# What a passage's score is multiplied with: chosen on one half of the trees of the answers benchmark, where other
# values near them do about as well.
_ARCHIVED = 0.5
_OPEN_CHANGE = 0.85
_KIND = {PassageKind.REQUIREMENT: 1.0, PassageKind.SCENARIO: 1.0, PassageKind.SECTION: 0.7, PassageKind.TASK: 0.5}
_ASKED_CHANGE = 2.0
_SAME_REQUIREMENT = 0.6
"""Once more for every better passage of the same requirement: five of one requirement are no five answers."""
#: A passage that holds as much of a question as so many words that are nowhere else holds enough of it. Without such
#: a bound long questions, and those in scripts whose terms overlap, could never be covered.
_ENOUGH = 5

#: Of fewer passages than this, how many of them have a word tells little: a small tree is weighed as if it had so many.
_LEAST_PASSAGES = 500

_READ = 3

#: Capability or file, and what the part is called there.
_Part = tuple[str | None, str]
_FROM_REQUIREMENT = re.compile(r"(?:Requirement|Scenario):.*", re.I | re.S)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A passage that shares a word with the question. `score` is BM25's; `terms` are of all its fields."""

    passage: Passage
    score: float
    terms: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """How telling each thing of a question is, in its order, and how much is `enough` even of a long question.

    `beside` holds, for the number of a pair of letters out of a script without spaces, the numbers of the pairs that
    share one of its letters. `only_terms` and `inflected` are looked up once for all passages: the terms of things that have no
    other form, and whether another form of any word will do.
    """

    weights: tuple[float, ...]
    enough: float
    beside: Mapping[int, tuple[int, ...]]
    only_terms: tuple[str | None, ...]
    inflected: bool

    def coverage(self, things: Sequence[Thing], terms: frozenset[str]) -> float:
        """How much of what is asked about stands among the terms, in [0, 1]."""
        held = [
            thing.is_in(terms) if only is None else only in terms
            for thing, only in zip(things, self.only_terms, strict=True)
        ]
        if self.inflected and not all(held):
            held = _with_other_forms(things, held, terms)
        found = whole = 0.0
        for number, (is_held, weight) in enumerate(zip(held, self.weights, strict=True)):
            if is_held:
                found += weight
            elif number in self.beside:
                # Between two words that are there it is no word, and half of one beside one of them.
                weight *= 1 - sum(held[other] for other in self.beside[number]) / 2
            whole += weight
        return min(found / min(whole, self.enough), 1.0) if found else 0.0


def _with_other_forms(things: Sequence[Thing], held: Sequence[bool], terms: frozenset[str]) -> list[bool]:
    """Which things are held where another form of a word will do too."""
    # Most words have none: told from one text before any of its terms is looked at.
    text = f" {' '.join(terms)}"
    return [
        is_held
        or (
            thing.beginning != ""
            and f" {thing.beginning}" in text
            and any(term.startswith(thing.beginning) and thing.is_alike(term) for term in terms)
        )
        for thing, is_held in zip(things, held, strict=True)
    ]


def telling(things: Sequence[Thing], counts: Mapping[str, int], passages: int) -> Telling:
    """The rarer a thing, the more telling, and most what no passage has.

    `counts` tells for each term how many of the passages have it.
    """
    among = max(passages, _LEAST_PASSAGES)

    def weight(count: int) -> float:
        return math.log(1 + (among - count + 0.5) / (count + 0.5))

    # A form of several terms is at most as common as its rarest, a thing as its commonest form.
    weights = [weight(max(min(counts.get(term, 0) for term in form) for form in thing.forms)) for thing in things]
    return Telling(
        weights=tuple(weights),
        enough=_ENOUGH * weight(0),
        beside=_beside(things),
        only_terms=tuple(thing.only_term for thing in things),
        inflected=any(thing.beginning for thing in things),
    )


def _beside(things: Sequence[Thing]) -> dict[int, tuple[int, ...]]:
    pairs = {n: thing.forms[0][0] for n, thing in enumerate(things) if is_pair(thing.forms[0][0])}
    return {
        number: tuple(
            other
            for other, shared in ((number - 1, pair[0]), (number + 1, pair[1]))
            if other in pairs and pairs[other][other < number] == shared
        )
        for number, pair in pairs.items()
    }


def rank(
    candidates: Sequence[Candidate],
    things: Sequence[Thing],
    weighed: Telling,
    *,
    change: str | None = None,
    touched: Collection[str] = (),
) -> list[Evidence]:
    """The candidates as evidence, best first, each requirement and scenario in one form.

    What holds comes before what is proposed, and that before what is archived; with a `change`, its own passages and
    those of the capabilities it has `touched` count double.
    """
    evidence = [
        Evidence(
            passage=candidate.passage,
            score=candidate.score * _standing(candidate.passage, change, touched),
            coverage=weighed.coverage(things, candidate.terms),
        )
        for candidate in candidates
    ]
    return _spread(_each_once(_best_first(evidence)))


def strength(evidence: Sequence[Evidence]) -> float:
    """How much of the question the best passages hold, in [0, 1]: the most that any of the first three does."""
    return max((e.coverage for e in evidence[:_READ]), default=0.0)


def _best_first(evidence: Sequence[Evidence]) -> list[Evidence]:
    return sorted(evidence, key=lambda e: (-e.score, e.passage.path, e.passage.line))


def _standing(passage: Passage, change: str | None, touched: Collection[str]) -> float:
    standing = _KIND[passage.kind]
    if change is not None and (passage.change == change or (passage.change is None and passage.capability in touched)):
        return standing * _ASKED_CHANGE
    if passage.archived:
        return standing * _ARCHIVED
    return standing if passage.change is None else standing * _OPEN_CHANGE


def _each_once(evidence: Sequence[Evidence]) -> list[tuple[_Part, Evidence]]:
    """Without archived forms of what is there in another form, and without copies in the same capability."""
    parts = [_part(e.passage) for e in evidence]
    current = {part for part, e in zip(parts, evidence, strict=True) if not e.passage.archived}
    kept: list[tuple[_Part, Evidence]] = []
    seen: set[object] = set()
    for part, e in zip(parts, evidence, strict=True):
        copy = (e.passage.capability, e.passage.section_hash)
        if copy in seen or (e.passage.archived and (part in current or part in seen)):
            continue
        seen |= {part, copy}
        kept.append((part, e))
    return kept


def _spread(found: Sequence[tuple[_Part, Evidence]]) -> list[Evidence]:
    before: Counter[_Part] = Counter()
    spread = []
    for part, e in found:
        requirement = _requirement(part)
        better = before[requirement]
        spread.append(replace(e, score=e.score * _SAME_REQUIREMENT**better) if better else e)
        before[requirement] += 1
    return _best_first(spread)


def _part(passage: Passage) -> _Part:
    """Equal for the forms of one requirement or scenario, in a spec and in the changes that made it."""
    fragment = passage.address.partition("#")[2]
    part = _FROM_REQUIREMENT.search(fragment)
    return (passage.capability, " ".join(part[0].casefold().split())) if part else (passage.path, fragment)


def _requirement(part: _Part) -> _Part:
    """Equal for a requirement and its scenarios."""
    where, name = part
    return where, name.partition(" > ")[0] if name.startswith("requirement:") else name
