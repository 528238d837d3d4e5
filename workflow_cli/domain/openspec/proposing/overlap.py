"""What of a new change the tree says already: open and archived changes, requirements, with places and quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log

from rapidfuzz import fuzz

from workflow_cli.domain.openspec.finding import Place
from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.domain.openspec.rule import KnownRequirement
from workflow_cli.domain.openspec.rules.vocabulary import vocabulary, words

#: From here on it is the same thing said twice; shares of 1.
DUPLICATE = 0.9
#: From here on a reader should know of it.
RELATED = 0.5
_SHOWN = 5
#: Words that both must share before anything short counts as related.
_SHARED = 2


class OverlapKind(StrEnum):
    OPEN_CHANGE = "open-change"
    ARCHIVED_CHANGE = "archived-change"
    REQUIREMENT = "requirement"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownChange:
    """`title` is its proposal's, or its name; `place` is where that stands."""

    name: str
    title: str
    archived: bool
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlap:
    """`quote` stands literally at `place`. `likeness` is a share of 1; a `duplicate` stops the writing."""

    kind: OverlapKind
    name: str
    capability: str | None
    change: str | None
    place: Place
    quote: str
    likeness: float

    @property
    def duplicate(self) -> bool:
        # What an archived change did may have to be done again; it is told, and stops nobody.
        return self.likeness >= DUPLICATE and self.kind is not OverlapKind.ARCHIVED_CHANGE


@dataclass(frozen=True, kw_only=True, slots=True)
class Saying:
    """A requirement about to be written: its name and its text."""

    capability: str | None
    name: str
    text: str


def overlaps(
    title: str,
    name: str,
    sayings: Sequence[Saying],
    changes: Iterable[KnownChange],
    requirements: Sequence[KnownRequirement],
) -> list[Overlap]:
    """The closest ones, duplicates first, at most five of each kind."""
    found = [
        *(o for change in changes if (o := _with_change(title, name, change))),
        *_with_requirements(title, sayings, requirements),
    ]
    kept: list[Overlap] = []
    counted: Counter[OverlapKind] = Counter()
    for overlap in sorted(found, key=lambda o: (-o.likeness, o.place.file, o.place.line or 0)):
        counted[overlap.kind] += 1
        if counted[overlap.kind] <= _SHOWN:
            kept.append(overlap)
    return kept


def _with_change(title: str, name: str, known: KnownChange) -> Overlap | None:
    likeness = max(_alike(title, known.title), _alike(name.replace("-", " "), known.name.replace("-", " ")))
    if likeness < RELATED:
        return None
    return Overlap(
        kind=OverlapKind.ARCHIVED_CHANGE if known.archived else OverlapKind.OPEN_CHANGE,
        name=known.name,
        capability=None,
        change=known.name,
        place=known.place,
        quote=known.title,
        likeness=likeness,
    )


def _alike(mine: str, theirs: str) -> float:
    """The share of words in common; the same words are a duplicate, one word alone proves nothing."""
    left, right = vocabulary(mine), vocabulary(theirs)
    if not left or not right:
        return 1.0 if words(mine) == words(theirs) and words(mine) else 0.0
    common = left & right
    if len(common) < min(_SHARED, len(left), len(right)):
        return 0.0
    share = len(common) / len(left | right)
    return min(share, 0.85) if len(common) < _SHARED and share < 1 else share


def _with_requirements(
    title: str, sayings: Sequence[Saying], requirements: Sequence[KnownRequirement]
) -> Iterable[Overlap]:
    for known in requirements:
        likeness = max((_said(saying, known) for saying in sayings), default=0.0)
        likeness = max(likeness, min(_alike(title, known.name), 1.0))
        if likeness >= RELATED:
            yield Overlap(
                kind=OverlapKind.REQUIREMENT,
                name=known.name,
                capability=known.capability,
                change=known.change,
                place=Place(file=known.file, line=known.line),
                quote=known.name,
                likeness=likeness,
            )


def _said(saying: Saying, known: KnownRequirement) -> float:
    if fold(saying.name) == fold(known.name):
        same_place = saying.capability in (None, known.capability)
        return 1.0 if same_place or saying.text.strip() == known.text.strip() else 0.85
    mine, theirs = words(saying.text), words(known.text)
    if len(mine) < 8 or len(theirs) < 8 or len(vocabulary(saying.text) & vocabulary(known.text)) < 3:
        return 0.0
    return fuzz.ratio(mine, theirs, score_cutoff=75) / 100


def best_capability(title: str, requirements: Sequence[KnownRequirement], allowed: Iterable[str]) -> str | None:
    """The one capability that most of the title's rare words point to; None where none stands out."""
    asked = vocabulary(title)
    if not asked:
        return None
    bags: dict[str, set[str]] = {id: set(vocabulary(id)) for id in allowed}
    for known in requirements:
        if known.change is None and known.capability in bags:
            bags[known.capability] |= vocabulary(known.name)
    weights = {w: log(1 + len(bags) / (1 + sum(w in bag for bag in bags.values()))) for w in asked}
    total = sum(weights.values())
    if not bags or not total:
        return None
    scored = sorted(
        ((sum(weights[w] for w in asked & bag) / total, bool(vocabulary(id) & asked), id) for id, bag in bags.items()),
        reverse=True,
    )
    score, by_name, id = scored[0]
    ahead = len(scored) == 1 or score > scored[1][0]
    return id if ahead and by_name and score >= 0.5 else None
