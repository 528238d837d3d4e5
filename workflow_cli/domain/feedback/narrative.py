"""What a model says about the report, kept only as far as each of its numbers is one of the report's own.

A sentence names the facts it is about. Every number in it must be one of theirs; a word for a change needs a change that
was found; words for numbers are not allowed, for nobody looks them up. What is not so is dropped, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,'\u202f\u00a0]*(?:\.\d+)?")
_WORDS = re.compile(
    r"\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|twenty|thirty|forty|fifty|hundreds?"
    r"|thousands?|millions?|twice|thrice|doubled?|doubling|tripled?|half|halved|third|quarter|fold|percent)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:better|worse|worsen\w*|improv\w*|regress\w*|degrad\w*|increas\w*|decreas\w*|rose|risen|rising|fell|fallen"
    r"|falling|faster|slower|grew|grown|dropp?\w*|declin\w*|higher|lower|more|fewer|less)\b",
    re.IGNORECASE,
)
#: What is left of digits that are part of a name, such as p95, is no number of the sentence.
LONGEST_SENTENCE = 400
MOST_SENTENCES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """`numbers` are all that may be said of it, as they are shown; `changed` tells that it got better or worse."""

    id: str
    says: str
    numbers: frozenset[str]
    changed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A sentence of a model, and the facts it says it is about."""

    text: str
    about: tuple[str, ...]


def numbers_in(text: str) -> list[str]:
    """Every number, without separators of thousands and a sign; `1,480 ms` is `1480`."""
    found = (re.sub(r"[^\d.]", "", match.group()) for match in _NUMBER.finditer(text))
    return [number.rstrip(".") for number in found if number]


def fact(id: str, says: str, *, changed: bool) -> Fact:
    return Fact(id=id, says=says, numbers=frozenset(numbers_in(says)), changed=changed)


def checked(said: Sequence[Said], facts: Mapping[str, Fact]) -> tuple[list[str], int]:
    """The sentences that hold, as single lines, and how many did not."""
    kept: list[str] = []
    for sentence in said:
        text = " ".join("".join(c if c.isprintable() else " " for c in sentence.text).split())
        if text and _holds(text, [facts.get(id) for id in sentence.about]) and text not in kept:
            kept.append(text)
    kept = kept[:MOST_SENTENCES]
    return kept, len(said) - len(kept)


def _holds(text: str, about: Sequence[Fact | None]) -> bool:
    known = [one for one in about if one is not None]
    if not known or len(known) < len(about) or len(text) > LONGEST_SENTENCE:
        return False
    # Digits of other scripts, and fractions such as ½, would be read by people and not by the check.
    if _WORDS.search(text) or any(c.isnumeric() and not c.isascii() for c in text):
        return False
    if _CHANGE.search(text) and not any(one.changed for one in known):
        return False
    allowed = frozenset[str]().union(*(one.numbers for one in known))
    return all(number in allowed for number in numbers_in(text))
