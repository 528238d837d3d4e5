"""The words that bind, negate and except, in English and where another language leaves no doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from workflow_cli.domain.openspec.rules.languages import language_of
from workflow_cli.domain.review.meaning.mark import Mark, MarkKind
from workflow_cli.domain.review.meaning.quantities import quantities

_BINDING = {
    "en": r"shall|must",
    "de": r"muss|müssen|darf|dürfen",
    "fr": r"doit|doivent",
    "es": r"debe|deben|deberá|deberán",
    "pt": r"deve|devem|deverá|deverão",
    "it": r"deve|devono",
    "ru": r"долж(?:ен|на|но|ны)|обязан[аоы]?",
    "zh": r"必须|必須|应当|應當|不得|禁止",
    "ja": r"しなければならない|しなければなりません|べき|必須",
    "ko": r"해야|하여야|필수",
}
_NEGATION = {
    "en": r"not|no|never|none|neither|nor|cannot|without|nothing|nobody|\w+n[’']t",
    "de": r"nicht|kein(?:e[mnrs]?)?|nie|niemals|ohne|weder",
    "fr": r"ne|n(?=['’])|pas|jamais|aucune?|sans|ni",
    "es": r"no|nunca|jamás|ning[uú]n[oa]?|sin|tampoco",
    "pt": r"não|nunca|jamais|nenhum[a]?|sem",
    "it": r"non|mai|nessun[oa]?|senza",
    "ru": r"не|нет|никогда|без|ни",
    "zh": r"不|没有|沒有|未|勿|禁止|无法|無法",
    "ja": r"ない|ません|ず(?=に|、|。)|禁止",
    "ko": r"않|못|안(?=\s)|없|금지",
}
#: Only where the words are sure to take something out of what is demanded.
_EXCEPTION = {
    "en": r"unless|except|except(?:ing|ion)|(?:where|if|when|as far as|whenever) (?:possible|feasible|practical|practicable|"
    r"reasonable|appropriate|necessary)|as appropriate|optionally|best[- ]effort",
    "de": r"außer|sofern möglich|wenn möglich|nach Möglichkeit|es sei denn",
    "fr": r"sauf|à moins|si possible",
    "es": r"salvo|excepto|a menos que|si es posible",
    "pt": r"salvo|exceto|a menos que|se possível",
    "it": r"salvo|eccetto|a meno che|se possibile",
    "ru": r"кроме|за исключением|если возможно|по возможности",
    "zh": r"除非|除外|尽可能|儘可能|如果可能|视情况",
    "ja": r"除き|除く|可能であれば|場合を除",
    "ko": r"제외|가능하면|가능한 경우",
}
#: Pairs of which putting one for the other turns a sentence round. English only; word forms as patterns.
_OPPOSITES = [
    (
        r"allow(?:s|ed|ing)?|permit(?:s|ted|ting)?|grant(?:s|ed|ing)?",
        r"den(?:y|ies|ied|ying)|forbid(?:s|den)?|refus(?:e|es|ed|ing)",
    ),
    (r"accept(?:s|ed|ing)?", r"reject(?:s|ed|ing)?"),
    (r"enabl(?:e|es|ed|ing)", r"disabl(?:e|es|ed|ing)"),
    (r"succeed(?:s|ed)?|success(?:ful|fully)?", r"fail(?:s|ed|ure)?"),
    (r"true", r"false"),
    (r"valid", r"invalid"),
    (r"includ(?:e|es|ed|ing)", r"exclud(?:e|es|ed|ing)"),
    (r"show(?:s|n|ed)?|display(?:s|ed)?", r"hid(?:e|es|den)"),
    (r"required|mandatory", r"optional"),
    (r"encrypted", r"unencrypted|plain(?: |-)?text"),
    (r"public", r"private"),
    (r"always", r"sometimes|usually|often"),
    (r"all|every|each", r"some|any of"),
]
#: Bound words such as `no more than` belong to the number that follows them.
_NOT_A_NEGATION = re.compile(r"\b(?:no|not) (?:more|less|fewer|later|longer) than\b|\bno\.(?=\s*\d)", re.I)
#: As in SHALL NOT, which stands in trees of every language.
_CAPITAL_NOT = re.compile(r"\bNOT\b")
_WITHOUT_SPACES = {"zh", "ja", "ko"}


# Compiled for the languages that turn up, when they do: ten of them take longer than judging a small draft.
@cache
def _pattern(kind: MarkKind, code: str) -> re.Pattern[str]:
    words = _WORDS[kind][code]
    return re.compile(words.replace(" ", r"\s+") if code in _WITHOUT_SPACES else rf"(?<!\w)(?:{words})(?!\w)", re.I)


@cache
def _poles() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (f"{sign}{axis}", re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.I))
        for axis, pair in enumerate(_OPPOSITES)
        for sign, words in zip("+-", pair, strict=True)
    ]


_WORDS = {MarkKind.BINDING: _BINDING, MarkKind.NEGATION: _NEGATION, MarkKind.EXCEPTION: _EXCEPTION}


def marks_of(text: str, around: str | None) -> tuple[Mark, ...]:
    """The marks of a sentence in their order.

    Words are those of the sentence's own language and of the language `around` it (a code; None where it is not
    known), and English where neither tells. OpenSpec's SHALL, MUST and NOT, in capitals, count in every language.
    """
    languages = {code for code in (around, language_of(text)) if code in _NEGATION} or {"en"}
    found = dict(quantities(text))
    plain = _NOT_A_NEGATION.sub(lambda m: " " * len(m[0]), text)
    words: dict[tuple[int, MarkKind], Mark] = {}
    for kind in _WORDS:
        # A word of two languages is one word.
        for code in sorted(languages | ({"en"} if kind is MarkKind.BINDING else set())):
            words.update(_found(kind, _pattern(kind, code), plain))
    words.update(_found(MarkKind.NEGATION, _CAPITAL_NOT, plain))
    if "en" in languages:
        for pole, pattern in _poles():
            words.update(
                ((m.start(), MarkKind.OPPOSITE), Mark(MarkKind.OPPOSITE, pole, m[0])) for m in pattern.finditer(plain)
            )
    marks = [*((at, mark.kind, mark) for at, mark in found.items()), *((*key, mark) for key, mark in words.items())]
    return tuple(mark for _, _, mark in sorted(marks, key=lambda entry: entry[:2]))


def _found(kind: MarkKind, pattern: re.Pattern[str], text: str) -> Iterator[tuple[tuple[int, MarkKind], Mark]]:
    for match in pattern.finditer(text):
        # SHALL and MUST bind alike, in capitals; of negations and exceptions only number and place count.
        value = "SHALL" if match[0] in ("SHALL", "MUST") else kind.value
        yield (match.start(), kind), Mark(kind, value, match[0])
