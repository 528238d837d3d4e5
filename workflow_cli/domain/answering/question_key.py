"""When two questions are the same one: what the cache, and questions under way, go by.

Strict on purpose. `-v` and `-V` are different options, so case counts but for the first letter, and words are not
stemmed: a key that is too strict costs time, one that is too loose gives the answer to another question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.digest import digest

_SPACE = re.compile(r"[\s\x00-\x1f\x7f]+")
_AROUND = "?？!！.。…؟¿¡ \"“”„«»'"
_WORD = re.compile(r"\w+")
#: Context that says how urgent a question is, not what it asks.
_NOT_ASKED = frozenset({"priority"})


def normalised(text: str) -> str:
    """The question without what does not change it: composition, spacing, marks around it, its first capital."""
    words = _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip(_AROUND)
    return words[:1].lower() + words[1:]


def question_key(asked: Asked) -> str:
    """The same for questions that have the same answer: text, change and context agree."""
    return key_of(asked.text, change=asked.change, context=asked.context)


def key_of(text: str, *, change: str | None, context: Mapping[str, str]) -> str:
    parts = (part for name in sorted(context) if name not in _NOT_ASKED for part in (name, context[name]))
    return digest((normalised(text), change or "", *parts))


def terms_hash(text: str) -> str:
    """The same for questions of the same words in any order and case: tells that somebody asks again."""
    return digest(sorted(set(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))))[:16]
