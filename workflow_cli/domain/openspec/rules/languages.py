"""In which language a piece of text is written, as far as rules about words need to know."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from workflow_cli.domain.openspec.rules.word_set import word_set

_WORD = re.compile(r"[a-z\u00c0-\u024f]+")

#: A letter of these scripts carries about as much as a third of a word in Latin script.
_WEIGHT = 3

_STOP_WORDS = {
    "en": word_set(
        "the a an of to and or is are be been by for with from in on at as that this these those it its their "
        "when then given not no any all each if into than only without which has have was were "
        "will can may should who whose they them every same after before exactly both"
    ),
    "es": word_set(
        "el la los las un una unos unas de del al y o en que se es son por para con sin como su sus lo más "
        "pero si debe deben cuando entonces dado está este esta cada no ser sea sobre desde hasta ya muy "
        "también"
    ),
    "pt": word_set(
        "o a os as um uma de do da dos das no na nos nas e ou em que se é são por para com sem como seu sua "
        "ao deve devem quando então dado está este esta cada não ser seja sobre desde até já muito também "
        "pelo pela"
    ),
    "fr": word_set(
        "le la les un une des de du au aux et ou en que qui se est sont par pour avec sans comme son sa ses "
        "ce cette doit doivent quand lorsque alors chaque ne pas être sur dans il elle dès jusqu déjà très "
        "aussi"
    ),
    "de": word_set(
        "der die das den dem des ein eine einen einem einer und oder in ist sind wird werden von zu zum zur "
        "mit ohne für auf bei aus nach nicht kein keine soll muss müssen wenn dann als auch nur wie sich es "
        "er sie"
    ),
    "it": word_set(
        "il lo la i gli le un una di del della dei delle e o in che si è sono per con senza come suo sua al "
        "alla deve devono quando allora dato ogni non essere sia su da fino già molto anche"
    ),
}


@lru_cache(maxsize=512)
def language_of(text: str) -> str | None:
    """A language code such as `en` or `zh`, or None where the text does not tell.

    Scripts decide first: a sentence with a fair share of Chinese, Japanese, Korean or Cyrillic letters is in that
    language however many English names it holds. For Latin script the commonest little words decide.
    """
    if not text.isascii() and _may_tell(text) and (script := _by_script(text)):
        return script
    words = _WORD.findall(text.lower())
    hits = {code: sum(map(stop.__contains__, words)) for code, stop in _STOP_WORDS.items()}
    best = max(hits, key=lambda code: hits[code])
    if hits[best] == 0 or sum(count == hits[best] for count in hits.values()) > 1:
        return None
    return best


def _may_tell(text: str) -> bool:
    """Whether any letter is of a script that tells; most texts that are not ASCII hold no more than a dash."""
    return any("\u0400" <= letter <= "\u04ff" or "\u3040" <= letter <= "\ufaff" for letter in set(text))


# Compiled when first asked for: classes of thousands of letters take a while, and many trees have none of them.
@cache
def _letters() -> tuple[re.Pattern[str], ...]:
    han, kana, hangul = r"[\u3400-\u9fff\uf900-\ufaff]", r"[\u3040-\u30ff]", r"[\uac00-\ud7af]"
    cyrillic, latin = r"[\u0400-\u04ff]", r"[A-Za-z\u00c0-\u024f]"
    return tuple(map(re.compile, (han, kana, hangul, cyrillic, latin)))


def _by_script(text: str) -> str | None:
    han, kana, hangul, cyrillic, latin = (len(letters.findall(text)) for letters in _letters())
    ideographic = han + kana + hangul
    if ideographic and ideographic * _WEIGHT * 5 >= latin:
        if hangul > han + kana:
            return "ko"
        return "ja" if kana * 10 > ideographic else "zh"
    if cyrillic and cyrillic * 4 >= latin:
        return "ru"
    return None


def is_english(text: str, around: str | None = None) -> bool:
    """Whether English word rules may speak about `text`.

    Text too short to tell is taken to be in the language of what is `around` it.
    """
    return (language_of(text) or around) == "en"
