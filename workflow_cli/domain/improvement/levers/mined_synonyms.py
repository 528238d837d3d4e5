"""Words that people ask with and no document uses, each with the word that stands there instead.

Three things speak for a pair: the places that answer several questions with the one word share the other; nobody ever asks
with the other, common as it is; and both stand beside the same words, the one in questions, the other in documents. They add
up as logarithms of chances. Only questions of DEV are looked at. All pairs are one candidate: what each of them changes is too
little to be seen, and what they change together is not.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import GLOSSARY, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.pairs import EXACT
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Summary

_WORD = re.compile(r"\w{2,}")
_SHORTEST = 3
_LEAST_PAIRS = 1
_MOST_PAIRS = 30
#: What speaks for a pair has to come to this.
_LEAST = 6.0
#: And to so much more than for any other.
_CLEARLY = 0.5
#: What stands in more of the questions than this tells none from another.
_COMMON = 0.75
_LEAST_SHARED = 0.6
#: What it costs that a place that answers does not hold the word.
_MISSED = 1.2
#: What it costs that no place is known at all.
_NO_PLACE = 4.0
#: That nobody asks with a word says no more than this: much that stands in documents is never asked about.
_MOST_UNASKED = 8.0
#: How many neighbours of its own a word is taken to have had that stand beside any word, and how much it says that one is missing.
_PRIOR = 10.0
_ABSENT = 0.3
#: What the word after the next says, beside the next.
_FURTHER = 0.5
#: How many places before and after a word its neighbours stand.
_REACH = 2
_Neighbour = tuple[int, str]


class MinedSynonyms:
    id = "mined-synonyms"
    signal = "words of questions that the places which answer them do not hold"
    design = Design.RECALL
    symptom = False

    def __init__(self) -> None:
        self._documents: _Documents | None = None

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if GLOSSARY not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        known = [
            _Question(reference.id, reference.cluster, words, reference.cites)
            for reference in seen.references
            if part_of(reference.cluster) is Part.DEV
            and 0 < len(reference.cites) <= EXACT
            and (words := _words(seen.wording(reference.question) or ""))
        ]
        # Only now are the documents read.
        if len({question.cluster for question in known}) < 2 * _LEAST_PAIRS or not seen.sections:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_references: {len(known)}")]
        # Documents change less often than questions are asked.
        if self._documents is None or self._documents.texts != seen.sections:
            self._documents = _Documents(seen.sections)
        glossary = dict(settings[GLOSSARY] or {})
        newest = {a.question: a for a in seen.reached if part_of(a.cluster) is Part.DEV}
        questions = [
            _Question(asked.id, asked.cluster, words)
            for asked in newest.values()
            if (words := _words(seen.wording(asked.question) or ""))
        ]
        pairs = _mine(self._documents, questions, known, glossary)
        if len(pairs) < _LEAST_PAIRS:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_pairs: {len(pairs)}/{_LEAST_PAIRS}")]
        changes = {GLOSSARY: {**glossary, **{word: other for word, other, _ in pairs}}}
        if (reason := allowed(settings, changes)) is not None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=reason)]
        named = ", ".join(f"{word} = {other}" for word, other, _ in pairs[:5])
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes=changes,
                design=self.design,
                hypothesis=f"{len(pairs)} words of questions stand in the documents under another name: {named}",
                evidence=evidence([id for _, _, ids in pairs for id in ids]),
            )
        ]


@dataclass(frozen=True, slots=True)
class _Question:
    """Its event, its words in order, and where it is answered, if that is known."""

    id: str
    cluster: str
    words: Sequence[str]
    places: Sequence[str] = ()


class _Documents:
    """The words of each text, how many texts hold each, and beside which words each stands."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        self.words: dict[str, frozenset[str]] = {}
        self.held: Counter[str] = Counter()
        # All texts one after the other, with room between them, so that nothing stands beside what is in another.
        self._said: list[str] = [""] * _REACH
        for section, text in texts.items():
            said = _words(text)
            self.words[section] = frozenset(said)
            self.held.update(self.words[section])
            self._said += said
            self._said += [""] * _REACH
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self._said):
            self._places[word].append(place)
        self._length = len(self._said) - len(self._places[""])
        self._beside: dict[_Neighbour, Counter[str]] = {}

    def share(self, word: str) -> float:
        """Of the texts that hold it."""
        return self.held[word] / len(self.texts)

    def beside(self, neighbour: _Neighbour) -> Counter[str]:
        """How often each word has this neighbour."""
        found = self._beside.get(neighbour)
        if found is None:
            distance, word = neighbour
            found = Counter(self._said[place - distance] for place in self._places.get(word, ()))
            del found[""]
            self._beside[neighbour] = found
        return found

    def fits(self, word: str, neighbours: Collection[_Neighbour]) -> float:
        """How much more often a word stands beside these than any word does."""
        of = len(self._places.get(word, ())) + _PRIOR
        total = 0.0
        for neighbour in neighbours:
            usual = len(self._places.get(neighbour[1], ())) / max(1, self._length)
            weight = 1.0 if abs(neighbour[0]) == 1 else _FURTHER
            if often := self.beside(neighbour)[word]:
                total += weight * math.log((often + _PRIOR * usual) / (of * usual))
            elif usual:
                total += weight * _ABSENT * math.log(_PRIOR / of)
        return total


def _mine(
    documents: _Documents,
    questions: Sequence[_Question],
    known: Sequence[_Question],
    glossary: Mapping[str, str],
) -> list[tuple[str, str, list[str]]]:
    """Word, the other word, and the events behind them; the best supported first."""
    asked_with: set[str] = set()
    neighbours: dict[str, set[_Neighbour]] = defaultdict(set)
    places: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    ids: dict[str, list[str]] = defaultdict(list)

    def unknown(word: str) -> bool:
        # A word that stands anywhere is found by itself, and is no other name for anything.
        return len(word) >= _SHORTEST and word not in documents.held and word not in glossary

    for question in questions:
        asked_with.update(question.words)
        for word, neighbour in _beside(question.words):
            if neighbour[1] in documents.held and unknown(word):
                neighbours[word].add(neighbour)
        for word in filter(unknown, set(question.words)):
            ids[word].append(question.id)
    for question in known:
        there = frozenset[str]().union(*(documents.words.get(section, frozenset()) for section in question.places))
        for word in filter(unknown, set(question.words)) if there else ():
            places[word][question.cluster] = there
            ids[word].append(question.id)
    clusters = len({question.cluster for question in questions})
    possible = []
    asked_in = Counter(word for question in questions for word in set(question.words))
    for word in ids:
        if asked_in[word] > _COMMON * len(questions):
            continue
        held = places.get(word, {}).values()
        beside = neighbours[word]
        shared = Counter(other for there in held for other in there)
        for other in shared if held else {other for neighbour in beside for other in documents.beside(neighbour)}:
            if len(other) < _SHORTEST or other in asked_with or shared[other] < _LEAST_SHARED * len(held):
                continue
            share = documents.share(other)
            score = -shared[other] * math.log(share) - (len(held) - shared[other]) * _MISSED
            score -= 0.0 if held else _NO_PLACE
            score += min(_MOST_UNASKED, clusters * share) + documents.fits(other, beside)
            possible.append((score, word, other))
    return [(word, other, ids[word]) for word, other in _likeliest(possible, frozenset(glossary.values()))]


def _likeliest(possible: list[tuple[float, str, str]], taken: frozenset[str]) -> list[tuple[str, str]]:
    """One name for one thing: the likeliest pairs first, no word twice, and none that another would fit as well."""
    possible.sort(reverse=True)
    others: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for score, word, other in possible:
        others[word].append((score, other))
    pairs: dict[str, str] = {}
    used = set(taken)
    for score, word, other in possible:
        if score < _LEAST or len(pairs) == _MOST_PAIRS:
            break
        if word in pairs or other in used:
            continue
        rival = next((least for least, name in others[word] if name != other and name not in used), -math.inf)
        if score - rival >= _CLEARLY:
            pairs[word] = other
            used.add(other)
    return list(pairs.items())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _beside(words: Sequence[str]) -> Iterator[tuple[str, _Neighbour]]:
    """Each word with those a few places before and after it."""
    for distance in range(1, _REACH + 1):
        for first, second in zip(words, words[distance:], strict=False):
            yield second, (-distance, first)
            yield first, (distance, second)
