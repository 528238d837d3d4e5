"""What may be taken out of a model's reply that was to be a better advice, and what not.

A reply is taken for what stands in its one closed fence, and for nothing else: a thought that was cut off, or a text that goes on
for ever, is no advice. Neither is one that has been learnt by heart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 800
SHORTEST = 20
_SHARED = 6
_FENCE = re.compile(r"^```[a-z]*[ \t]*\n(?P<text>.*?)\n```[ \t]*$", re.MULTILINE | re.DOTALL)
_THOUGHT = re.compile(r"</?think|<\|", re.IGNORECASE)
#: What the rules around it are made of, and an advice has no business with.
_MARKS = re.compile(r"[{}<>`#|\\]")
_WORD = re.compile(r"\w+")


class NoAdvice(ValueError):
    """A reply from which nothing is taken; the message says why, so that a program can read it."""


def advice_in(reply: str, *, complete: bool, questions: Iterable[str]) -> str:
    """The advice, as one line. Raises NoAdvice. `complete`: the reply was not cut off; `questions` are all that are known."""
    if not complete:
        raise NoAdvice("cut_off")
    found = list(_FENCE.finditer(reply))
    if len(found) != 1 or reply.count("```") != 2:
        raise NoAdvice("no_closed_fence")
    if _THOUGHT.search(reply):
        raise NoAdvice("thought")
    text = " ".join(found[0]["text"].split())
    if not text.isprintable() or _MARKS.search(text):
        raise NoAdvice("marks")
    if not SHORTEST <= len(text) <= LONGEST:
        raise NoAdvice(f"length: {len(text)}")
    own = _grams(text)
    if any(own & _grams(question) for question in questions):
        raise NoAdvice("learnt_by_heart")
    return text


def _grams(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return {tuple(words[at : at + _SHARED]) for at in range(len(words) - _SHARED + 1)}
