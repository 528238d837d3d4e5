"""Words that people ask with and no document uses, each with the word that stands there instead, or the few that may.

Three things speak for a pair: the places that answer several questions with the one word share the other, whether people said
that they do or they only came first; nobody ever asks with the other, common as it is; and both stand beside the same words, the
one in questions, the other in documents. They add up as logarithms of chances. Only questions of DEV are looked at. All words are one
candidate: what each of them changes is too little to be seen, and what they change together is not.

Words are told apart as retrieval tells them, by their terms: it finds `uploads` with `uploading` by itself. A glossary is read by
people too, so that words are proposed as they are spelled most often.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import GLOSSARY, allowed
from workflow_cli.domain.improvement.known_quality import says_where
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Summary
from workflow_cli.domain.words.stop_words import stop_terms
from workflow_cli.domain.words.terms import is_pair, spellings, terms

_SHORTEST = 3
_FEWEST_PLACES = 2
_MOST_WORDS = 30
#: What speaks for a pair has to come to this.
_LEAST = 8.0
#: A name for which so much less speaks than for the likeliest may be the right one too, and so many may in all.
_NEARLY = 3.0
_MOST_NAMES = 3
#: What stands in more of the questions than this tells none from another, and what stands in more of the texts is no name for anything:
#: nobody asks with the words that specs are made of.
_COMMON = 0.75
_COMMON_THERE = 0.4
_LEAST_SHARED = 0.3
#: How likely a place is the one that answers: where people named or accepted it, and where it came first among what was given. A
#: place that answers holds the word that is sought this often.
_SAID, _GIVEN = 0.95, 0.6
_HOLDS = 0.8
#: What it costs that no place is known at all.
_NO_PLACE = 4.0
#: That nobody asks with a word says no more than this: much that stands in documents is never asked about.
_MOST_UNASKED = 8.0
#: How many neighbours of its own a word is taken to have had that stand beside any word, and how much it says that one is missing.
_PRIOR = 10.0
_ABSENT = 0.2
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
    urgent = False

    def __init__(self) -> None:
        self._documents: _Documents | None = None

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if GLOSSARY not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        newest = {a.question: a for a in seen.reached if part_of(a.cluster) is Part.DEV}
        wordings = {asked.id: seen.wording(asked.question) or "" for asked in newest.values()}
        questions = [
            _Question(asked.id, asked.cluster, words)
            for asked in newest.values()
            if (words := terms(wordings[asked.id]))
        ]
        places = _places(seen)
        # Only now are the documents read.
        if len(places) < _FEWEST_PLACES or not seen.sections:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_references: {len(places)}")]
        # Documents change less often than questions are asked.
        if self._documents is None or self._documents.texts != seen.sections:
            self._documents = _Documents(seen.sections)
        glossary = dict(settings[GLOSSARY] or {})
        found = _spelled(
            _mine(self._documents, questions, places, glossary), wordings.values(), self._documents.texts.values()
        )
        if not found:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="insufficient_pairs: 0/1")]
        changes = {GLOSSARY: {**glossary, **{one.word: " ".join(one.names) for one in found}}}
        if (reason := allowed(settings, changes)) is not None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=reason)]
        named = ", ".join(f"{one.word} = {' or '.join(one.names)}" for one in found[:5])
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes=changes,
                design=self.design,
                hypothesis=f"{len(found)} words of questions stand in the documents under another name: {named}",
                evidence=evidence([id for one in found for id in one.ids]),
            )
        ]


@dataclass(frozen=True, slots=True)
class _Question:
    """Its event, and its terms in order."""

    id: str
    cluster: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Named:
    """A word, the names it may have in documents, and the events that it was asked in."""

    word: str
    names: Sequence[str]
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a question is answered with a probability of `sure`; an address, or several that do it together."""

    cites: Sequence[str]
    sure: float


@dataclass(frozen=True, slots=True)
class _There:
    """The words of a place."""

    words: frozenset[str]
    sure: float


class _Documents:
    """The terms of each text, how many texts hold each, and beside which each stands."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        self.words: dict[str, frozenset[str]] = {}
        self.held: Counter[str] = Counter()
        # All texts one after the other, with room between them, so that nothing stands beside what is in another.
        self._said: list[str] = [""] * _REACH
        for section, text in texts.items():
            said = terms(text)
            self.words[section] = frozenset(said)
            self.held.update(self.words[section])
            self._said += said
            self._said += [""] * _REACH
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(self._said):
            self._places[word].append(place)
        self._length = len(self._said) - len(self._places[""])
        self._beside: dict[_Neighbour, Counter[str]] = {}

    def there(self, place: _Place | None) -> _There | None:
        """None for a place that is not known, or no longer there."""
        if place is None:
            return None
        words = frozenset[str]().union(*(self.words.get(section, frozenset()) for section in place.cites))
        return _There(words, place.sure) if words else None

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


def _places(seen: Summary) -> dict[str, _Place]:
    """Where the questions of each cluster of DEV are answered: what people said of it, else what was given first most often."""
    found: dict[str, _Place] = {}
    for reference in seen.references:
        if says_where(reference.cites) and part_of(reference.cluster) is Part.DEV:
            found[reference.cluster] = _Place(reference.cites, _SAID)
    given: dict[str, Counter[str]] = defaultdict(Counter)
    for asked in seen.requests:
        verdict = seen.verdicts.get(asked.id)
        refused = verdict is not None and not verdict.accepted
        if asked.cites and not refused and asked.cluster not in found and part_of(asked.cluster) is Part.DEV:
            given[asked.cluster][asked.cites[0]] += 1
    for cluster, times in given.items():
        found[cluster] = _Place((max(times, key=lambda place: times[place]),), _GIVEN)
    return found


def _mine(
    documents: _Documents,
    questions: Sequence[_Question],
    places: Mapping[str, _Place],
    glossary: Mapping[str, str],
) -> list[_Named]:
    """In terms, the best supported first."""
    asked_with: set[str] = set()
    known = {term for word in glossary for term in terms(word)}
    neighbours: dict[str, set[_Neighbour]] = defaultdict(set)
    answered: dict[str, dict[str, _There]] = defaultdict(dict)
    ids: dict[str, list[str]] = defaultdict(list)

    def unknown(word: str) -> bool:
        # A word that stands anywhere is found by itself, and is no other name for anything.
        return _is_word(word) and word not in documents.held and word not in known

    for question in questions:
        asked_with.update(question.words)
        for word, neighbour in _beside(question.words):
            if neighbour[1] in documents.held and unknown(word):
                neighbours[word].add(neighbour)
        there = documents.there(places.get(question.cluster))
        for word in filter(unknown, set(question.words)):
            ids[word].append(question.id)
            if there is not None:
                answered[word][question.cluster] = there
    clusters = len({question.cluster for question in questions})
    possible = []
    asked_in = Counter(word for question in questions for word in set(question.words))
    for word in ids:
        if asked_in[word] > _COMMON * len(questions):
            continue
        held = answered[word].values()
        beside = neighbours[word]
        shared = Counter(other for there in held for other in there.words)
        for other in shared if held else {other for neighbour in beside for other in documents.beside(neighbour)}:
            if not _is_word(other) or other in asked_with or shared[other] < _LEAST_SHARED * len(held):
                continue
            share = documents.share(other)
            if share > _COMMON_THERE:
                continue
            score = sum(_speaks(there, other, share) for there in held) if held else -_NO_PLACE
            score += min(_MOST_UNASKED, clusters * share) + documents.fits(other, beside)
            possible.append((score, word, other))
    taken = frozenset(term for other in glossary.values() for term in terms(other))
    return [_Named(word, names, ids[word]) for word, names in _likeliest(possible, taken).items()]


def _is_word(term: str) -> bool:
    """What only asks is not sought, and is no name for anything either."""
    return (len(term) >= _SHORTEST or is_pair(term)) and term not in stop_terms()


def _speaks(there: _There, other: str, share: float) -> float:
    """How much likelier the place would be as it is, were this the other name; `share` of all texts hold it in any case."""
    holds = there.sure * _HOLDS
    if other in there.words:
        return math.log(holds / share + 1 - there.sure)
    return math.log((1 - holds) / (1 - share))


def _likeliest(possible: list[tuple[float, str, str]], taken: frozenset[str]) -> Mapping[str, Sequence[str]]:
    """The likeliest names of each word, the surest words first; no name for two of them.

    Where another name fits nearly as well as the best, which of them is right cannot be told, and a question finds
    more with both than with the wrong one.
    """
    possible.sort(reverse=True)
    others: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for score, word, other in possible:
        others[word].append((score, other))
    names: dict[str, Sequence[str]] = {}
    used = set(taken)
    for score, word, other in possible:
        if score < _LEAST or len(names) == _MOST_WORDS:
            break
        if word not in names and other not in used:
            enough = max(_LEAST, score - _NEARLY)
            free = [name for speaks, name in others[word] if speaks >= enough and name not in used]
            names[word] = free[:_MOST_NAMES]
            used.update(names[word])
    return names


def _spelled(found: Sequence[_Named], questions: Iterable[str], documents: Iterable[str]) -> list[_Named]:
    """In words, each as it is spelled most often; without those that have no spelling of their own."""
    if not found:
        return []  # and no text is looked through
    words = _commonest(questions, {one.word for one in found})
    others = _commonest(documents, {name for one in found for name in one.names})
    return [
        _Named(words[one.word], names, one.ids)
        for one in found
        if one.word in words and (names := [others[name] for name in one.names if name in others])
    ]


def _commonest(texts: Iterable[str], wanted: Collection[str]) -> dict[str, str]:
    """For each term its commonest spelling; a term that only stands within others is spelled as itself where it can be."""
    written: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for word, term in spellings(text):
            if term in wanted:
                written[term][word] += 1
    found = {term: min(words, key=lambda word: (-words[word], word)) for term, words in written.items()}
    return {term: term for term in wanted if terms(term) == [term]} | found


def _beside(words: Sequence[str]) -> Iterator[tuple[str, _Neighbour]]:
    """Each word with those a few places before and after it."""
    for distance in range(1, _REACH + 1):
        for first, second in zip(words, words[distance:], strict=False):
            if distance == 1 and _overlap(first, second):
                continue
            yield second, (-distance, first)
            yield first, (distance, second)


def _overlap(first: str, second: str) -> bool:
    """Whether two terms are one letter apart, of a script without spaces: that they share one says nothing of either."""
    return is_pair(first) and is_pair(second) and first[1] == second[0]
