"""Words a project uses for the same thing, so that a question may use any of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from workflow_cli.domain.words.terms import terms

Phrase = tuple[str, ...]
"""The terms of a word or of several."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Glossary:
    """For each phrase those that mean the same, itself left out; `longest` is the most terms a phrase has."""

    same: dict[Phrase, tuple[Phrase, ...]] = field(default_factory=dict)
    longest: int = 0

    def __bool__(self) -> bool:
        return bool(self.same)


def read_glossary(groups: Iterable[Sequence[str]]) -> Glossary:
    """From groups of words that mean the same; a word may be in several groups."""
    same: dict[Phrase, dict[Phrase, None]] = {}
    for group in groups:
        # In documents `sign-in` may be written `sign in`, and its parts are terms in either way.
        words = (re.sub(r"[-_]+", " ", word) for word in group)
        phrases = list(dict.fromkeys(phrase for word in words if (phrase := tuple(terms(word)))))
        for phrase in phrases:
            others = same.setdefault(phrase, {})
            others.update((other, None) for other in phrases if other != phrase)
    return Glossary(
        same={phrase: tuple(others) for phrase, others in same.items()},
        longest=max(map(len, same), default=0),
    )
