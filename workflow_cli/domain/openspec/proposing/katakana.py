"""Words in katakana, which Japanese writes by sound, spelled in our letters (Hepburn, long vowels short)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc\u30fd\u30fe]+")
_RUNS = re.compile(rf"({KATAKANA.pattern})|([\x00-\x7f]+)")

_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ", "t": "タチツテト", "d": "ダヂヅデド",
    "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
_SOUNDS = {
    **{kana: row + vowel for row, listed in _ROWS.items() for kana, vowel in zip(listed, "aiueo", strict=True)},
    "シ": "shi",
    "ジ": "ji",
    "チ": "chi",
    "ツ": "tsu",
    "ヂ": "ji",
    "ヅ": "zu",
    "フ": "fu",
    "ヤ": "ya",
    "ユ": "yu",
    "ヨ": "yo",
    "ワ": "wa",
    "ヰ": "i",
    "ヱ": "e",
    "ヲ": "o",
    "ン": "n",
    "ヴ": "vu",
    "ヷ": "va",
    "ヸ": "vi",
    "ヹ": "ve",
    "ヺ": "vo",
    "ヵ": "ka",
    "ヶ": "ke",
    "ヮ": "wa",
}
_SMALL_VOWELS = dict(zip("ァィゥェォ", "aiueo", strict=True))
_SMALL_Y = {"ャ": "a", "ュ": "u", "ョ": "o"}
#: Consonants that swallow the y of a small ya, yu, yo.
_SOFT = ("sh", "ch", "j")


def katakana_words(text: str) -> Iterator[tuple[str, bool]]:
    """Words in katakana as they sound, and what stands in ASCII as it is; True for the former. The rest is left out."""
    for match in _RUNS.finditer(unicodedata.normalize("NFKC", text)):
        if not match[1]:
            yield match[2], False
        elif word := spelled(match[1]):
            yield word, True


def spelled(run: str) -> str:
    """A run of katakana as one word."""
    word, doubled = "", False
    for kana in run:
        if kana == "ッ":
            doubled = True
            continue
        if kana in _SMALL_Y and word:
            stem = word[:-1] if word[-1] in "aiueo" else word
            word = stem + ("" if stem.endswith(_SOFT) else "y") + _SMALL_Y[kana]
        elif kana in _SMALL_VOWELS and word:
            word = _with_vowel(word, _SMALL_VOWELS[kana])
        else:
            sound = _SOUNDS.get(kana) or _SMALL_VOWELS.get(kana, "")
            word += (sound[:1] if doubled and sound[:1] not in ("", *"aiueo") else "") + sound
        doubled = False
    return word


def _with_vowel(word: str, vowel: str) -> str:
    """A syllable with a small vowel behind it: `fu` and `o` make `fo`, `u` and `e` make `we`."""
    if word[-1] == "u" and (len(word) == 1 or word[-2] in "aiueon"):
        return word[:-1] + "w" + vowel
    return (word[:-1] if word[-1] in "aiueo" else word) + vowel
