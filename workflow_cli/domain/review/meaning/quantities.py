"""Numbers with their bounds and units: `at most 30 seconds` is `≤ 30 s`, however it is spelled."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from workflow_cli.domain.review.meaning.mark import Mark, MarkKind

_BOUNDS = {
    "≥": "at least|no less than|no fewer than|not less than|not fewer than|minimum of|minimum|min|>=|≥|mindestens|"
    "au moins|al menos|por lo menos|pelo menos|almeno|не менее|至少|最少|以上",
    "≤": "at most|no more than|not more than|maximum of|maximum|max|up to|<=|≤|höchstens|maximal|bis zu|"
    "au plus|como máximo|hasta|no máximo|até|al massimo|fino a|не более|до|至多|最多|不超过|不超過|以下",
    ">": "more than|greater than|longer than|larger than|over|above|exceeds|exceed|exceeding|after|>|mehr als|plus de|"
    "más de|mais de|più di|более|больше|超过|超過|大于|大於",
    "<": "less than|fewer than|shorter than|smaller than|under|below|within|before|<|weniger als|unter|innerhalb|"
    "moins de|menos de|meno di|менее|меньше|少于|少於|小于|小於",
}
_UNITS = {
    "ms": "ms|msec|msecs|milliseconds?|millisekunden?|millisecondes?|milisegundos?|毫秒|ミリ秒",
    "s": "s|sec|secs|seconds?|sekunden?|secondes?|segundos?|secondi|secondo|секунд[аы]?|秒钟|秒鐘|秒",
    "min": "min|mins|minutes?|minuten?|minutos?|minuti|минут[аы]?|分钟|分鐘|分",
    "h": "h|hrs?|hours?|stunden?|heures?|horas?|ore|час(?:а|ов)?|小时|小時|時間",
    "d": "d|days?|tage?n?|jours?|d[ií]as?|giorni|giorno|день|дня|дней|天|日",
    "wk": "weeks?|wochen?|semaines?|semanas?|недел[яиь]|周|週",
    "mo": "months?|monate?n?|mois|mes(?:es)?|месяц(?:а|ев)?|个月|個月|ヶ月|月",
    "a": "years?|jahre?n?|ans?|años?|anos?|год|года|лет|年",
    "%": "%|percent|per cent|prozent",
    "B": "b|bytes?",
    "kB": "kb|kilobytes?",
    "KiB": "kib",
    "MB": "mb|megabytes?",
    "MiB": "mib",
    "GB": "gb|gigabytes?",
    "GiB": "gib",
    "TB": "tb|terabytes?",
    "TiB": "tib",
}
#: `one` is left out, because it is a pronoun as often as a number; so is `second`.
_WORDS = {
    **{
        word: str(value)
        for value, word in enumerate(
            ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2
        )
    },
    **{word: str(value * 10) for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty"], start=2)},
    "hundred": "100",
    "thousand": "1000",
    "million": "1000000",
    "zero": "0",
    "twice": "2 times",
    "half": "1/2",
}
_HAN = {"二": "2", "两": "2", "兩": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9"}


def _of_script(words: str) -> str:
    """Words that letters border on must stand alone; signs and Chinese run on."""
    latin = [w for w in words.split("|") if w[0].isalpha() and not _is_wide(w[0])]
    other = [re.escape(w) if len(w) < 3 else w for w in words.split("|") if not (w[0].isalpha() and not _is_wide(w[0]))]
    parts = [rf"(?<!\w)(?:{'|'.join(latin)})(?!\w)"] if latin else []
    return "|".join([*parts, *other])


def _is_wide(letter: str) -> bool:
    return "\u3000" <= letter <= "\u9fff"


# Compiled when the first number is looked for: most drafts change no sentence that holds one.
@cache
def _bounds() -> list[tuple[str, re.Pattern[str]]]:
    return [(sign, re.compile(rf"(?:{_of_script(words)})\W{{0,3}}\Z", re.I)) for sign, words in _BOUNDS.items()]


@cache
def _units() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (
            unit,
            re.compile(
                rf"[\s-]{{0,2}}(?:{'|'.join(sorted(words.split('|'), key=len, reverse=True))})"
                # The letters have no case; with re.I, compiling would look at each of them for the other one.
                r"(?:(?<=(?-i:[\u3000-\u9fff%]))|(?![\w]))",
                re.I,
            ),
        )
        for unit, words in _UNITS.items()
    ]


_DIGITS = r"\d+(?:[.,:’'_]\d+)*"
_PERIOD = "second|minute|hour|day|week|month|quarter|year"


@cache
def _number() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<sign>(?<![\w.)\]\s])[-−](?=\d)|(?<=\s)[-−](?=\d))?(?P<digits>{_DIGITS})"
        rf"|(?<![\w-])(?P<word>{'|'.join(_WORDS)})(?![\w-])"
        # Not "at once", and not "once a user has signed in".
        rf"|(?P<once>(?<![\w-])once(?=\s+(?:per|for|every|each|(?:an?|in)\s+(?:{_PERIOD}))(?!\w))"
        rf"|(?:(?<=exactly )|(?<=only )|(?<=most )|(?<=least )|(?<=than ))once(?![\w-]))"
        rf"|(?P<han>[{''.join(_HAN)}](?=[十百千万个個次天日周週月年分秒小位项項条條倍]))",
        re.I,
    )


_THOUSANDS = re.compile(r"(?<=\d)[,’'_](?=\d{3}(?!\d))")
_NEARBY = 24


def quantities(text: str) -> Iterator[tuple[int, Mark]]:
    """Every number with where it stands."""
    for match in _number().finditer(text):
        start, end = match.span()
        value = _value(match)
        unit, end = _unit(text, end)
        bound, said_from = _bound(text, start)
        yield start, Mark(MarkKind.QUANTITY, f"{bound}{value}{unit}", " ".join(text[said_from:end].split()))


def _bound(text: str, start: int) -> tuple[str, int]:
    """The sign of the words before a number, and where they begin."""
    first = max(start - _NEARBY, 0)
    for sign, pattern in _bounds():
        if match := pattern.search(text, first, start):
            return sign, match.start()
    return "", start


def _value(match: re.Match[str]) -> str:
    if match["once"]:
        return "1 time"
    if match["word"]:
        return _WORDS[match["word"].lower()]
    if match["han"]:
        return _HAN[match["han"]]
    digits = "".join(str(unicodedata.digit(c, c)) for c in match["digits"])
    return ("-" if match["sign"] else "") + _THOUSANDS.sub("", digits)


def _unit(text: str, end: int) -> tuple[str, int]:
    for unit, pattern in _units():
        if match := pattern.match(text, end):
            # Case tells a byte from a bit, but no requirement is meant to be read that closely.
            return unit, match.end()
    return "", end
