"""Which of the passages that share words with a question come first."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from workflow_cli.domain.answering.passage import Evidence, Passage, PassageKind
from workflow_cli.domain.answering.query import Thing

#: Of the fields of a passage: its own title, the titles around it with its capability, its text.
WEIGHTS = (3.0, 1.5, 1.0)

# What a passage's score is multiplied with. The values were chosen on one half of the trees of the answers benchmark.
_ARCHIVED = 0.6
_OPEN_CHANGE = 0.85
_TASK = 0.6
_SECTION = 0.8
_ASKED_CHANGE = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A passage that shares a word with the question. `score` is BM25's; `terms` are of all its fields."""

    passage: Passage
    score: float
    terms: frozenset[str]


def weight_of(things: Sequence[Thing], counts: Mapping[str, int], passages: int) -> list[float]:
    """How telling each thing is: the rarer the more, and most what no passage has.

    `counts` tells for each term how many of the passages have it.
    """
    rarity = []
    for thing in things:
        # A form of several terms is as rare as its rarest, a thing as common as its commonest form.
        count = max(min(counts.get(term, 0) for term in form) for form in thing.forms)
        rarity.append(math.log(1 + (passages - count + 0.5) / (count + 0.5)))
    return rarity


def rank(
    candidates: Sequence[Candidate],
    things: Sequence[Thing],
    weights: Sequence[float],
    *,
    change: str | None = None,
    touched: Collection[str] = (),
) -> list[Evidence]:
    """The candidates as evidence, best first, each requirement and scenario once.

    What holds comes before what is proposed, and that before what is archived; with a `change`, its own passages and
    those of the capabilities it has `touched` come before others as good.
    """
    total = sum(weights) or 1.0
    evidence = []
    for candidate in candidates:
        found = sum(weight for thing, weight in zip(things, weights, strict=True) if thing.is_in(candidate.terms))
        coverage = min(found / total, 1.0)
        passage = candidate.passage
        score = candidate.score * (0.5 + coverage) * _standing(passage, change, touched)
        evidence.append(Evidence(passage=passage, score=score, coverage=coverage))
    evidence.sort(key=lambda e: (-e.score, e.passage.path, e.passage.line))
    return _each_once(evidence)


def _standing(passage: Passage, change: str | None, touched: Collection[str]) -> float:
    standing = {PassageKind.TASK: _TASK, PassageKind.SECTION: _SECTION}.get(passage.kind, 1.0)
    if change is not None and (passage.change == change or (passage.change is None and passage.capability in touched)):
        return standing * _ASKED_CHANGE
    if passage.archived:
        return standing * _ARCHIVED
    return standing if passage.change is None else standing * _OPEN_CHANGE


def _each_once(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Without the archived copies of what is there in a current form, and of each text only the first."""
    current = {_same(e.passage) for e in evidence if not e.passage.archived}
    kept: list[Evidence] = []
    seen: set[object] = set()
    for e in evidence:
        same = _same(e.passage)
        if e.passage.archived and (same in current or same in seen):
            continue
        if e.passage.section_hash in seen:
            continue
        seen |= {same, e.passage.section_hash}
        kept.append(e)
    return kept


_PART = re.compile(r"(?:Requirement|Scenario):.*", re.I | re.S)


def _same(passage: Passage) -> tuple[str | None, str]:
    """Equal for the forms of one requirement or scenario in a spec and in the changes that made it."""
    fragment = passage.address.partition("#")[2]
    part = _PART.search(fragment)
    return (passage.capability, " ".join(part[0].casefold().split())) if part else (passage.path, fragment)
