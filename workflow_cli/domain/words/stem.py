"""The stem of a word, so that `validates`, `validated` and `validation` are found for each other.

English by Porter's algorithm of 1980, which also serves the plurals of other languages in Latin script; their last
vowel of gender and Russian endings go too. A stem is no word: it only has to be the same for words that belong
together.
"""

from __future__ import annotations

import re

_VOWEL_THEN_CONSONANT = re.compile(r"[aeiouy]+[^aeiouy]+")
#: A y is a vowel after a consonant only.
_CONSONANT_Y = re.compile(r"(?:^|(?<=[aeiou]))y")
_SHORTEST = 3
_LATIN = re.compile(r"[a-z]+\Z")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]+\Z")


def _endings(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs written as `ational/ate`: an ending and what takes its place."""
    return tuple((ending, instead) for ending, _, instead in (pair.partition("/") for pair in text.split()))


# Longest first within each step, as the first that fits decides.
_DERIVED = _endings(
    "ational/ate ization/ize iveness/ive fulness/ful ousness/ous tional/tion biliti/ble entli/ent ousli/ous ation/ate "
    "alism/al aliti/al iviti/ive enci/ence anci/ance izer/ize abli/able alli/al ator/ate eli/e"
)
_ADJECTIVES = _endings("icate/ic ative/ alize/al iciti/ic ical/ic ness/ ful/")
_ANY_DERIVED = tuple(ending for ending, _ in _DERIVED)
_ANY_ADJECTIVE = tuple(ending for ending, _ in _ADJECTIVES)
_LAST = tuple("ement ance ence able ible ment sion tion ant ent ism ate iti ous ive ize al er ic ou".split())  # noqa: SIM905
_RUSSIAN = sorted(
    [
        "иями",
        "ями",
        "ами",
        "иях",
        "ях",
        "ах",
        "иеи",
        "еи",
        "ои",
        "ии",
        "ыи",
        "ая",
        "яя",
        "ое",
        "ее",
        "ые",
        "ие",
        "ого",
        "его",
        "ому",
        "ему",
        "ыми",
        "ими",
        "ых",
        "их",
        "ую",
        "юю",
        "ов",
        "ев",
        "ом",
        "ем",
        "ам",
        "ям",
        "ешь",
        "ете",
        "ить",
        "ать",
        "ять",
        "еть",
        "ть",
        "ет",
        "ит",
        "ют",
        "ут",
        "ят",
        "ат",
        "ала",
        "ила",
        "ло",
        "ла",
        "ли",
        "ал",
        "ил",
        "ено",
        "ена",
        "ены",
        "ен",
        "ан",
        "ана",
        "ано",
        "аны",
        "ия",
        "ию",
        "ью",
        "а",
        "я",
        "о",
        "е",
        "ы",
        "и",
        "у",
        "ю",
        "ь",
    ],
    key=len,
    reverse=True,
)
_REFLEXIVE = ("тся", "ться", "лся", "шися", "ися", "йся", "лась", "лось", "лись")


def stem(word: str) -> str:
    """The stem of a word in small letters without accents."""
    if len(word) < _SHORTEST:
        return word
    if _LATIN.match(word):
        return _without_gender(_porter(word))
    if _CYRILLIC.match(word):
        return _russian(word)
    return word


def _russian(word: str) -> str:
    if word.endswith(_REFLEXIVE):
        word = word[:-2]
    ending = next((e for e in _RUSSIAN if word.endswith(e) and len(word) - len(e) >= _SHORTEST), "")
    word = word.removesuffix(ending)
    # What is left of a verb may end with its vowel, `запуска` beside `запуск`.
    return word[:-1] if word[-1] in "аеиоу" and len(word) - 1 > _SHORTEST else word


def _without_gender(word: str) -> str:
    return word[:-1] if len(word) > 4 and word[-1] in "ao" else word


def _porter(word: str) -> str:
    word = _past_and_progress(_plural(word))
    if word[-1] == "y" and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(word, _DERIVED, _ANY_DERIVED)
    word = _replaced(word, _ADJECTIVES, _ANY_ADJECTIVE)
    for ending in _LAST if word.endswith(_LAST) else ():
        if word.endswith(ending):
            # The t and s of -tion and -sion belong to the stem.
            base = word[: -len(ending)] + (ending[0] if ending[1:] == "ion" else "")
            if _measure(base) > 1:
                word = base
            break
    if word.endswith("e"):
        base = word[:-1]
        if _measure(base) > 1 or (_measure(base) == 1 and not _short_syllable(base)):
            word = base
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us")) else word


def _past_and_progress(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    ending = next((e for e in ("ed", "ing") if word.endswith(e)), None)
    if ending is None or not _has_vowel(word[: -len(ending)]):
        return word
    base = word[: -len(ending)]
    if base.endswith(("at", "bl", "iz")):
        return base + "e"
    if len(base) > 1 and base[-1] == base[-2] and base[-1] not in "aeiouylsz":
        return base[:-1]
    return base + "e" if _measure(base) == 1 and _short_syllable(base) else base


def _replaced(word: str, endings: tuple[tuple[str, str], ...], any_of: tuple[str, ...]) -> str:
    if not word.endswith(any_of):
        return word
    for ending, instead in endings:
        if word.endswith(ending):
            base = word[: -len(ending)]
            return base + instead if _measure(base) > 0 else word
    return word


def _measure(stem: str) -> int:
    """How many times vowels are followed by consonants."""
    if "y" in stem:
        stem = _CONSONANT_Y.sub("j", stem)
    return len(_VOWEL_THEN_CONSONANT.findall(stem))


def _has_vowel(stem: str) -> bool:
    return any(letter in "aeiou" for letter in stem) or "y" in stem[1:]


def _short_syllable(stem: str) -> bool:
    """Whether it ends with consonant, vowel, consonant, the last none of w, x, y."""
    if len(stem) < 3:
        return False
    return stem[-2] in "aeiouy" and stem[-3] not in "aeiou" and stem[-1] not in "aeiouwxy"
