"""Which tools fit a question, by the words that their names and descriptions share with it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.app.answering.ports import Tool
from workflow_cli.domain.words.stem import stem

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Words that say nothing about a subject, among them those that most names of tools begin with.
_EMPTY = frozenset(
    _WORD.findall(
        """a about all an and any are as at be by can contain contains did do does for from get give had has have hold
        holds how i if in into is it its list me my no not now of on or our out please read say says show shows tell
        that the their there these this those to use was we were what when where which who why will with would you
        your"""
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
_HERE = "repository repo project tree workspace folder here current currently present moment"
_NAME, _TITLE, _DESCRIPTION = 3.0, 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Fitting:
    """A tool and how well it fits; scores are comparable within one question."""

    tool: Tool
    score: float


def words_of(text: str) -> frozenset[str]:
    """The telling words by their stems, identifiers taken apart."""
    found = (word.casefold() for word in _WORD.findall(_HUMP.sub(" ", text)))
    return frozenset(stem(word) for word in found if word not in _EMPTY)


def unsaid(asked: str, tool: Tool) -> frozenset[str]:
    """The telling words that neither the tool has nor any question about what is here."""
    said = words_of(f"{tool.name} {tool.title} {tool.description} {_HERE}")
    return words_of(asked) - said


def named_by(asked: str, tool: Tool) -> float:
    """The share of the telling words of the tool's name that a text has, in [0, 1]."""
    name = words_of(tool.name)
    return len(words_of(asked) & name) / len(name) if name else 0.0


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
        found.append(Fitting(tool, score))
    return sorted(found, key=lambda one: -one.score)


def is_order(text: str) -> bool:
    """Whether the text, please or no please, begins with a word that wants something changed or run."""
    words = [word.casefold() for word in _WORD.findall(text)[:2]]
    return any(word in _ORDERS for word in (words[1:] if words[:1] == ["please"] else words[:1]))
