"""Patterns of words and phrases, with the words by which a text that holds no match is told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from functools import cached_property

_WORD = re.compile(r"\w+")
# Where case does not count, the engine takes these for i, s and k; `str.lower` does so for the last alone.
_LIKE_ASCII = {"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u212a": "k"}
# In nearly every text, short as they are or not: by them nothing is told.
_EVERYWHERE = frozenset(("and", "or"))
# What a part may be made of for its texts to be listed.
_TOKEN = re.compile(
    r"(?P<text>(?:[\w '/-](?!\?))+)|(?P<or>\|)|(?P<open>\(\?:)|(?P<close>\)\??)|(?P<set>\[-?[\w ]+\]\??)|(?P<maybe>[\w '/-]\?)"
)


def words_in(text: str) -> frozenset[str]:
    """The words of a text, in lower case."""
    if not text.isascii():
        for letter, ascii_letter in _LIKE_ASCII.items():
            text = text.replace(letter, ascii_letter)
    return frozenset(_WORD.findall(text.lower()))


class WordPattern:
    """A regular expression of which every match holds at least one of the words `told_by`.

    The words are in lower case; None is for an expression without such words.
    """

    def __init__(self, source: str, flags: int = 0, *, told_by: frozenset[str] | None) -> None:
        self._source = source
        self._flags = flags
        self.told_by = told_by

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """Compiled when first asked for: few of the words occur in any one tree."""
        return re.compile(self._source, self._flags)

    def may_occur_among(self, words: Set[str]) -> bool:
        """False only where a text of these words, as `words_in` gives them, holds no match."""
        return self.told_by is None or not self.told_by.isdisjoint(words)


def any_of(*phrases: str) -> WordPattern:
    """Whole words or phrases, in any case, over line ends; each phrase may itself be a pattern."""
    alternatives = "|".join(phrase.replace(" ", r"\s+") for phrase in phrases)
    telling = [_telling(phrase) for phrase in phrases]
    return WordPattern(
        rf"(?<![\w\ufffc$@/-])(?:{alternatives})(?![\w\ufffc-])",
        re.I,
        told_by=None if None in telling else frozenset(word for words in telling if words for word in words),
    )


def _telling(phrase: str) -> frozenset[str] | None:
    """Words of which every match of the phrase holds one, from the part whose words are longest, and so rarest."""
    parts = [words for part in _parts(phrase) if (words := _longest_words(part))]
    return max(parts, key=lambda words: min(0 if word in _EVERYWHERE else len(word) for word in words), default=None)


def _parts(phrase: str) -> Iterator[str]:
    """The phrase cut at its spaces, those inside of groups and character sets excepted."""
    start = depth = 0
    for index, char in enumerate(phrase):
        depth += (char in "([") - (char in ")]")
        assert depth or char != "|", phrase
        if char == " " and depth == 0:
            yield phrase[start:index]
            start = index + 1
    yield phrase[start:]


def _longest_words(part: str) -> frozenset[str] | None:
    """The longest word of each text that the part stands for; None where it stands for more than can be listed."""
    if part.isalnum():
        return frozenset((part,))
    words = [max(_WORD.findall(text), key=len, default="") for text in _texts(part)]
    return frozenset(words) if words and all(words) else None


def _texts(part: str) -> list[str]:
    """Every text that matches a pattern of letters, sets, groups and question marks; none for any other pattern."""
    # For each open group: the alternatives before the last `|`, and the texts so far of the one after it.
    stack: list[tuple[list[str], list[str]]] = [([], [""])]
    place = 0
    while place < len(part):
        token = _TOKEN.match(part, place)
        if token is None:
            return []
        place = token.end()
        text = token[0]
        if token.lastgroup == "open":
            stack.append(([], [""]))
            continue
        before, here = stack[-1]
        if token.lastgroup == "or":
            stack[-1] = (before + here, [""])
            continue
        if token.lastgroup == "close":
            stack.pop()
            choices = before + here
            before, here = stack[-1]
        else:
            choices = list(text.rstrip("?").strip("[]")) if token.lastgroup == "set" else [text.rstrip("?")]
        if text.endswith("?"):
            choices.append("")
        stack[-1] = (before, [left + right for left in here for right in choices])
    return stack[0][1]
