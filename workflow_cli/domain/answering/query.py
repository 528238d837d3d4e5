"""A question as retrieval sees it: the things it asks about, each in every form that counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from workflow_cli.domain.answering.glossary import Glossary, Phrase
from workflow_cli.domain.openspec.rules.languages import language_of
from workflow_cli.domain.words.stop_words import asked_terms, stop_terms
from workflow_cli.domain.words.terms import compounds, is_lone

_NO_GLOSSARY = Glossary()
#: Beyond this a question is a document; its first words are what it is about.
MOST_THINGS = 48

#: Languages whose words change at their end more than stems take away, as far as the language of a question is told.
_INFLECTED = frozenset({"de", "es", "fr", "it", "pt", "ru"})
#: Letters that none of them has: a Turkish, Polish or Vietnamese question may hold more little words of theirs than
#: of any other language we know.
_OF_OTHERS = re.compile("[ąćęłńśźżğışđơưĄĆĘŁŃŚŹŻĞİŞĐƠƯ\u1ea0-\u1ef9]")
#: Words of one beginning belong together where that is so many letters, and such a share of the longer word.
_SAME_LETTERS = 5
_SAME_SHARE = 0.7


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """One thing asked about. Any of the forms will do; a form of several terms needs all of them.

    `beginning` is what another form of the word begins with that is held to be the same, as *registra* and
    *registrado*; empty where words of the question's language are told by their stems, and for what is no word.
    """

    forms: tuple[Phrase, ...]
    beginning: str = ""

    @property
    def only_term(self) -> str | None:
        """The term of a thing that has one form of one term, as most have."""
        return self.forms[0][0] if len(self.forms) == 1 and len(self.forms[0]) == 1 else None

    def is_in(self, found: frozenset[str] | set[str]) -> bool:
        return any(map(found.issuperset, self.forms))

    def is_alike(self, term: str) -> bool:
        """Whether a term that has the beginning is another form of the word."""
        word = self.forms[0][0]
        same = next((n for n, (a, b) in enumerate(zip(word, term, strict=False)) if a != b), min(len(word), len(term)))
        return same >= max(len(self.beginning), _SAME_SHARE * len(term))


def read_question(text: str, glossary: Glossary = _NO_GLOSSARY) -> tuple[Thing, ...]:
    """What a question asks about, each thing once and in its order; empty where the text has no word at all.

    Words that say nothing are left out, unless there are no others.
    """
    stop = stop_terms()
    every = asked_terms(text)
    if all(term in stop for term in every):
        stop = frozenset()
    parts_of = compounds(text)
    inflected = _is_inflected(text)
    things: dict[Phrase, Thing] = {}
    place = 0
    while place < len(every) and len(things) < MOST_THINGS:
        phrase = _longest_known(every, place, glossary) or (every[place],)
        place += len(phrase)
        if phrase in glossary.same or phrase[0] not in stop:
            # A name of several parts may be written as words of their own.
            parts = [parts_of[phrase[0]]] if len(phrase) == 1 and phrase[0] in parts_of else []
            forms = (phrase, *parts, *glossary.same.get(phrase, ()))
            things.setdefault(phrase, Thing(forms=forms, beginning=_beginning(phrase) if inflected else ""))
    telling = {phrase: thing for phrase, thing in things.items() if not is_lone(phrase[0])}
    return tuple((telling or things).values())


def _is_inflected(text: str) -> bool:
    return language_of(text) in _INFLECTED and not _OF_OTHERS.search(text)


def _beginning(phrase: Phrase) -> str:
    word = phrase[0]
    if len(phrase) > 1 or len(word) < _SAME_LETTERS or not word.isalpha():
        return ""
    return word[: max(_SAME_LETTERS, ceil(_SAME_SHARE * len(word)))]


def names_something(things: Sequence[Thing]) -> bool:
    """Whether a question holds more than words that only ask, such as "How?"."""
    stop = stop_terms()
    return any(len(thing.forms) > 1 or not stop.issuperset(thing.forms[0]) for thing in things)


def _longest_known(every: list[str], place: int, glossary: Glossary) -> Phrase | None:
    for length in range(min(glossary.longest, len(every) - place), 0, -1):
        phrase = tuple(every[place : place + length])
        if phrase in glossary.same:
            return phrase
    return None
