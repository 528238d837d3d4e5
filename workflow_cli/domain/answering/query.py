"""A question as retrieval sees it: the things it asks about, each in every form that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.answering.glossary import Glossary, Phrase
from workflow_cli.domain.answering.stop_words import stop_terms, without_asking
from workflow_cli.domain.answering.terms import compounds, is_lone, terms

_NO_GLOSSARY = Glossary()
#: Beyond this a question is a document; its first words are what it is about.
MOST_THINGS = 48


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """One thing asked about. Any of the forms will do; a form of several terms needs all of them."""

    forms: tuple[Phrase, ...]

    def is_in(self, found: frozenset[str] | set[str]) -> bool:
        return any(map(found.issuperset, self.forms))


def read_question(text: str, glossary: Glossary = _NO_GLOSSARY) -> tuple[Thing, ...]:
    """What a question asks about, each thing once and in its order; empty where the text has no word at all.

    Words that say nothing are left out, unless there are no others.
    """
    stop = stop_terms()
    every = terms(without_asking(text)) or terms(text)
    if all(term in stop for term in every):
        stop = frozenset()
    parts_of = compounds(text)
    things: dict[Phrase, Thing] = {}
    place = 0
    while place < len(every) and len(things) < MOST_THINGS:
        phrase = _longest_known(every, place, glossary) or (every[place],)
        place += len(phrase)
        if phrase in glossary.same or phrase[0] not in stop:
            # A name of several parts may be written as words of their own.
            parts = [parts_of[phrase[0]]] if len(phrase) == 1 and phrase[0] in parts_of else []
            things.setdefault(phrase, Thing(forms=(phrase, *parts, *glossary.same.get(phrase, ()))))
    telling = {phrase: thing for phrase, thing in things.items() if not is_lone(phrase[0])}
    return tuple((telling or things).values())


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
