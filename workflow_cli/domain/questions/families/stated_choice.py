"""The choices that a question in English words itself."""

from __future__ import annotations

import re

from workflow_cli.domain.openspec.text import trim
from workflow_cli.domain.questions.wording import is_english, plain

_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_ONE_OF = re.compile(r"\(([\w/ +.-]{2,40}) (?:vs\.?|versus) ([\w/ +.-]{2,40})\)")
_LIST = re.compile(r":\s*((?:[\w./+-]+(?: [\w./+-]+){0,2}, ?){1,2}(?:or )?[\w./+-]+(?: [\w./+-]+){0,2})\s*\?")
_MODAL = re.compile(
    r"(?:should|do|does|will|shall|can|could|must|is|are|would)\s+(?:we|i|it|they)\s+(?:need to |want to )?", re.I
)
_OPENS = re.compile(r"(?:should|do|does|will|shall|can|could|must|is|are|would)\b", re.I)
_VERBS = (
    "use|be|include|spawn|return|store|accept|keep|show|support|test|mock|render|add|remove|replace|validate|allow|"
    "require|reject|ignore|fail|expose|emit|run|create|update|delete|load|read|write|send|skip|warn|block|cache|"
    "persist|live|stay|move|default|treat|follow|silently|always|never|only|integrate|commit|is|are|have|apply|go"
)
_VERB = re.compile(rf"\b(?:{_VERBS})\b", re.I)
_INVERTED = re.compile(r"(is|are|does|do) (`[^`]+`|it|this|that|they|these|those) (.+)", re.I)
_LONGEST = 140


def alternatives(text: str) -> tuple[str, ...]:
    """The two or three choices a question names, as it names them; none where they cannot be told apart for sure."""
    asked = _asked(text)
    if match := _ONE_OF.search(asked):
        return (trim(match[1]), trim(match[2]))
    if match := _LIST.search(asked):
        listed = tuple(trim(p.removeprefix("or ")) for p in re.split(r",\s*|\s+or\s+", match[1]) if trim(p))
        return listed if 2 <= len(listed) <= 3 else ()
    bare = _PARENTHESIS.sub("", asked).rstrip("?？ ")
    if bare.count(" or ") != 1 or not _OPENS.match(bare) or not is_english(text):
        return ()
    left, right = bare.split(" or ")
    if modal := _MODAL.match(left):
        one = left[modal.end() :]
    elif verb := _VERB.search(left, _opening_end(left)):
        one = left[verb.start() :]
    else:
        return ()
    one, other = one.rstrip(" ,"), trim(right)
    if inverted := _INVERTED.match(other):
        other = f"{inverted[2]} {inverted[1]} {inverted[3]}"
    elif not _VERB.match(other):
        if len(other.split()) > 6:
            return ()
        verb_word = _VERB.match(one)
        other = f"{verb_word[0]} {other}" if verb_word else other
    if {"not", "no", "nothing"} & set(other.lower().split()[:2]) or max(len(one), len(other)) > _LONGEST:
        return ()
    return (one, other) if one and one.lower() != other.lower() else ()


def _opening_end(left: str) -> int:
    opening = _OPENS.match(left)
    return opening.end() if opening else 0


def is_yes_or_no(text: str) -> bool:
    """Whether an English question can be answered with yes or no as it stands."""
    asked = _asked(text)
    return bool(asked) and is_english(text) and bool(_OPENS.match(asked)) and " or " not in asked


def proposition(text: str) -> str:
    """What a yes would affirm: `Should we cache paths?` gives `cache paths`; empty where that cannot be told."""
    asked = _PARENTHESIS.sub("", _asked(text)).rstrip("?？ ")
    modal = _MODAL.match(asked)
    claim = trim(asked[modal.end() :]) if modal else ""
    return claim if len(claim) <= _LONGEST else claim[: claim.rfind(" ", 0, _LONGEST)] + " …"


def _asked(text: str) -> str:
    """The last sentence that asks, a leading label such as `Protocol:` taken off where the question follows it."""
    shown = plain(text)
    end = max(shown.rfind("?"), shown.rfind("？"))
    if end < 0:
        return ""
    start = max(shown.rfind(mark, 0, end) for mark in (". ", "? ", "! "))
    sentence = trim(shown[start + 1 if start >= 0 else 0 : end + 1])
    label, colon, rest = sentence.partition(": ")
    return rest if colon and len(label.split()) <= 5 and "?" in rest and _OPENS.match(rest) else sentence
