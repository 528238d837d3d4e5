"""Texts as terms: what retrieval counts, the same for documents and questions.

A term is a stem in small letters without accents. Names such as `maxFileBytes` and `max-file-bytes` give their parts
and, put together, themselves. Scripts that put no spaces between words give every two neighbouring letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from workflow_cli.domain.words.stem import stem

_LONGEST = 64
"""What is longer is no word that anybody asks for: a hash, or data."""
# Accents and vowels that are characters of their own: part of a word, though not letters.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0900-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd\u0f71-\u0fbc\u102b-\u109d\u17b4-\u17d3"
_WORD = re.compile(rf"[\w{_MARKS}]+(?:-[\w{_MARKS}]+)*")
_PART = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CASED = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}[a-z]")

#: Han, kana, bopomofo and hangul; Thai, Lao, Tibetan, Burmese and Khmer.
UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u31ff\u3400-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)


def terms(text: str) -> list[str]:
    """The terms of a text in its order, repeated as often as they are there."""
    return indexed(text).split()


def indexed(text: str) -> str:
    """The same with a space between them."""
    return " ".join(map(_of_word, _WORD.findall(text)))


def spellings(text: str) -> Iterator[tuple[str, str]]:
    """Each word of a single term, in small letters, with that term."""
    for word in _WORD.findall(text):
        term = _of_word(word)
        if term and " " not in term:
            yield word.lower(), term


def compounds(text: str) -> dict[str, tuple[str, ...]]:
    """For each name of several parts in a text, put together, the terms of its parts."""
    found: dict[str, tuple[str, ...]] = {}
    for word in _WORD.findall(text):
        if len(word) <= _LONGEST and ("-" in word or "_" in word or _CASED.search(word)):
            for part in _scripts().findall(word):
                *parts, whole = _of_spaced(_without_accents(part)) or ("",)
                if parts and not _is_unspaced(part):
                    found[whole] = tuple(parts)
    return found


@lru_cache(maxsize=1 << 16)
def _of_word(word: str) -> str:
    return " ".join(_of_long_word(word) if len(word) > _LONGEST else _of_short_word(word))


def _of_long_word(word: str) -> list[str]:
    """Of a script without spaces all of it; of others what is at the beginning."""
    if word.isascii():
        return list(_of_spaced(word[:_LONGEST]))
    parts = _scripts().findall(word)
    return [term for part in parts for term in _of_short_word(part if _is_unspaced(part) else part[:_LONGEST])]


def _of_short_word(word: str) -> tuple[str, ...]:
    if word.isascii():
        return _of_spaced(word)
    parts = _scripts().findall(unicodedata.normalize("NFKC", word))
    return tuple(
        term
        for part in parts
        for term in (_neighbours(part) if _is_unspaced(part) else _of_spaced(_without_accents(part)))
    )


def _of_spaced(word: str) -> tuple[str, ...]:
    parts = _PART.findall(word)
    if not parts:
        return ()
    if _CASED.search(word):
        parts = [hump for part in parts for hump in _HUMP.split(part)]
    if len(parts) == 1:
        return (stem(parts[0].lower()),)
    whole = "".join(parts).lower()
    return (*(stem(part.lower()) for part in parts), whole)


def is_pair(term: str) -> bool:
    """Whether a term is two neighbouring letters of a script without spaces."""
    return len(term) == 2 and _is_unspaced(term)


def is_lone(term: str) -> bool:
    """Whether a term is a single letter of such a script: what stands beside it in a document hides it there."""
    return len(term) == 1 and _is_unspaced(term)


def _neighbours(letters: str) -> tuple[str, ...]:
    return tuple(a + b for a, b in pairwise(letters)) or (letters,)


def _without_accents(word: str) -> str:
    # Capitals stay: they part the words of a name.
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


@lru_cache(maxsize=1)
def _scripts() -> re.Pattern[str]:
    # Compiled when the first word needs it: classes of thousands of letters take a while.
    return re.compile(rf"[{UNSPACED}]+|[^{UNSPACED}]+")


def _is_unspaced(part: str) -> bool:
    return part[0] >= "\u0e00" and _unspaced().match(part) is not None


@lru_cache(maxsize=1)
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]")
