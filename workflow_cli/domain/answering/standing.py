"""Whether a source still stands: its quote is literally in the file, at its line."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain, islice

from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.quote import find_quote

_END_OF_LINE = re.compile(r"\r\n|\r|\n")


def standing(source: Source, text: str) -> Source | None:
    """The source with the quote to the letter; None where the words do not begin at that line of `text`."""
    line = _line(text, source.line)
    if line is None:
        return None
    start, end = line
    # Beyond the line only as far as the quote can reach, white space and line breaks not counted.
    quote = _found_from(source.quote, text, start, end)
    return None if quote is None else replace(source, quote=quote)


def moved(source: Source, text: str) -> Source | None:
    """The source at the line its quote is at now; None where it is nowhere, or in several places."""
    here = standing(source, text)
    if here is not None:
        return here
    found = find_quote(source.quote, text)
    if found is None:
        return None
    at = text.index(found.text)
    if find_quote(source.quote, text[at + 1 :]) is not None:
        return None
    return replace(source, line=len(_END_OF_LINE.findall(text, 0, at)) + 1, quote=found.text)


def _line(text: str, number: int) -> tuple[int, int] | None:
    """Where a line begins, counted from 1, and where the next one does; None where there are not so many."""
    if number < 1:
        return None
    starts = chain((0,), (end.end() for end in _END_OF_LINE.finditer(text)), (len(text),))
    found = list(islice(starts, number - 1, number + 1))
    return (found[0], found[1]) if len(found) == 2 else None


def _found_from(quote: str, text: str, start: int, end: int) -> str | None:
    """The quote as it stands in the text, where it begins between `start` and `end`."""
    for reach in (len(quote) + 200, 4 * len(quote) + 2_000):
        part = text[start : end + reach]
        found = find_quote(quote, part)
        if found is not None:
            return found.text if part.index(found.text) < end - start else None
    return None
