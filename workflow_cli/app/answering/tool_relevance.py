"""Which tools fit a question, by the words that their names and descriptions share with it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.app.answering.ports import Tool

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Words that say nothing about a subject, among them those that most names of tools begin with.
_EMPTY = frozenset(
    _WORD.findall(
        """a about all an and any are as at be by can did do does for from get give had has have how i if in into is it
        its list me my no not now of on or our out please read show tell that the their there these this those to use
        was we were what when where which who why will with would you your"""
    )
)
#: A sentence that begins with one wants something done, not told.
_ORDERS = frozenset(
    _WORD.findall(
        """add append change commit copy create delete drop edit execute insert install kill launch make modify move
        overwrite patch post publish push remove rename replace reset run send set start stop truncate update upload
        write"""
    )
)
_NAME, _TITLE, _DESCRIPTION = 3.0, 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Fitting:
    """`named` is the share of the telling words of the tool's name that the question has, in [0, 1]."""

    tool: Tool
    score: float
    named: float


def words_of(text: str) -> frozenset[str]:
    """The telling words, in one form: identifiers taken apart, without plural endings."""
    found = (word.casefold() for word in _WORD.findall(_HUMP.sub(" ", text)))
    return frozenset(_singular(word) for word in found if word not in _EMPTY)


def fitting(question: str, tools: Sequence[Tool]) -> list[Fitting]:
    """Every tool, the one that fits best first; of equals, the one that was listed first.

    A word counts the more the fewer tools have it, and most in a tool's name.
    """
    asked = words_of(question)
    told = [(words_of(tool.name), words_of(tool.title), words_of(tool.description)) for tool in tools]
    spread = {word: sum(any(word in part for part in parts) for parts in told) for word in asked}
    found: list[Fitting] = []
    for tool, (name, title, description) in zip(tools, told, strict=True):
        score = 0.0
        for word in asked:
            weight = max(_NAME * (word in name), _TITLE * (word in title), _DESCRIPTION * (word in description))
            score += weight * math.log(1 + len(tools) / max(1, spread[word]))
        found.append(Fitting(tool, score, len(asked & name) / len(name) if name else 0.0))
    return sorted(found, key=lambda one: -one.score)


def is_order(text: str) -> bool:
    """Whether the text, please or no please, begins with a word that wants something changed or run."""
    words = [word.casefold() for word in _WORD.findall(text)[:2]]
    return any(word in _ORDERS for word in (words[1:] if words[:1] == ["please"] else words[:1]))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
