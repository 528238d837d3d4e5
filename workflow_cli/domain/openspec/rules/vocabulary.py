"""Texts as sets of comparable words: lightly stemmed, without little words, bigrams where no spaces are written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from workflow_cli.domain.openspec.rules.word_set import word_list, word_set

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TOKEN = re.compile(r"[^\W_]+")
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
_LITTLE = word_set(
    "the a an of to and or is are be been by for with from in on at as that this these those it its their "
    "when then given not no any all each if into than only without which has have was were shall must "
    "will can may should add update create implement new use support write test via per requirement "
    "scenario system spec"
)


_ENDINGS = word_list(
    "isations izations isation ization isers izers iser izer ises izes ised ized ising izing ise ize ations ation ates "
    "ated ating ate ments ment ings ing ions ion ies y ers ors er or ed es s ity ive able al"
)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """English endings taken off, roughly; good for comparing, not for showing."""
    if len(word) < 4 or not word.isascii():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word.rstrip("e") if len(word) > 3 else word


def words(text: str) -> list[str]:
    """Words in order, folded; a run of Chinese or Japanese gives its bigrams."""
    found: list[str] = []
    folded = unicodedata.normalize("NFKC", text)
    for token in _TOKEN.findall(_CAMEL.sub(" ", folded).lower()):
        if not token.isascii() and _NO_SPACES.search(token):
            for run in _NO_SPACES.findall(token):
                found.extend(run[i : i + 2] for i in range(max(len(run) - 1, 1)))
            found.extend(rest for rest in _NO_SPACES.split(token) if rest)
        else:
            found.append(token)
    return found


def vocabulary(text: str) -> frozenset[str]:
    """The stems of the words that carry meaning."""
    return frozenset(
        stem(word) for word in words(text) if word not in _LITTLE and (len(word) > 1 or not word.isascii())
    )
