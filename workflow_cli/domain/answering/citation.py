"""A line of a document, cited as the source of an answer."""

from __future__ import annotations

from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.quote import LEAST_LETTERS
from workflow_cli.domain.markdown.address import Address, places
from workflow_cli.domain.markdown.parse import parse
from workflow_cli.domain.markdown.source import Source as Text


def cite(path: str, data: bytes, line: int) -> Source | None:
    """The source for a line (from 1) of a document: its words, and the innermost place that holds it.

    None where there is no such line, or it says too little to prove anything.
    """
    text = Text(data)
    if not 1 <= line <= text.lines:
        return None
    quote = text.line_text(line - 1).strip()
    if sum(character.isalnum() for character in quote) < LEAST_LETTERS:
        return None
    address = Address(path=path)
    for place in places(parse(text)):  # in the order of the document, outer ones first
        if place.node.first_line < line <= place.node.end_line:
            address = place.address(path)
    return Source(path=path, line=line, address=str(address), quote=quote)
