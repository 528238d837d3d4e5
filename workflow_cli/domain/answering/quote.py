"""Whether words are literally in a text, and where: the check that every quote has to pass."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_cli.domain.answering.answer import Source

if TYPE_CHECKING:
    from workflow_cli.domain.answering.passage import Passage

#: Shorter quotes prove nothing: a word or two is in every document.
LEAST_LETTERS = 8
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundQuote:
    """`text` is what the document says, to the letter; `line` counts from 0 within the searched text."""

    text: str
    line: int


def find_quote(quote: str, text: str) -> FoundQuote | None:
    """Find `quote` in `text`, whatever white space and line breaks lie between its words; case counts.

    Quotation marks and dots of omission around it are taken off. None where it is not there, or is too short to
    prove anything.
    """
    words = _WORD.findall(quote.strip().strip('"“”„«»').strip().removeprefix("...").removeprefix("…"))
    joined = "".join(words).removesuffix("...").removesuffix("…")
    if sum(character.isalnum() for character in joined) < LEAST_LETTERS:
        return None
    # White space is left out of both sides: scripts without spaces are wrapped anywhere.
    squeezed, places = _without_spaces(text)
    start = squeezed.find(joined)
    if start < 0:
        return None
    first, last = places[start], places[start + len(joined) - 1] + 1
    return FoundQuote(text=text[first:last], line=text.count("\n", 0, first))


def source_of(passage: Passage, found: FoundQuote) -> Source:
    """What cites a passage for a quote that was found in it."""
    return Source(
        path=passage.path,
        line=passage.line + found.line,
        address=passage.address,
        quote=found.text,
        section_hash=passage.section_hash,
    )


def _without_spaces(text: str) -> tuple[str, list[int]]:
    places = [index for index, character in enumerate(text) if not character.isspace()]
    return "".join(text[index] for index in places), places
