"""Where a `#` in the first column is no heading, found without parsing all of a document.

What begins in the first column with a heading, a fence or a comment is a block of the document itself,
whatever stands before it: it ends every list, quote, table and paragraph. So a document falls apart at such
lines into chunks that mean the same on their own, and only a chunk with a line whose meaning hangs on its
surroundings (indented code, most HTML) needs a real parser. In most documents none does: what is indented
mostly belongs to a list item, and that can be told, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from workflow_cli.domain.markdown.front_matter import front_matter_length

# Patterns of lines begin with the LF before the line, which the engine finds fastest; the text gets one in
# front for that. A place in the text is the LF before a line, or the end.
_HEADING = r"\#{1,6}(?=[ \t\n]|\Z)"
_FENCE = r"(?:`{3,}+[^`\n]*+(?=\n|\Z)|~{3})"
_COMMENT = r"<(?:!--|\?|![A-Za-z]|!\[CDATA\[)"
_UNCERTAIN = r"(?:[ ]{1,3}(?:```|~~~|<)|(?:[ ]{4}|[ ]{0,3}\t)[ \t]*+[^\n]|<[A-Za-z/])"
_CERTAIN_LINE = re.compile(rf"\n(?:{_HEADING}|{_FENCE}|{_COMMENT})")
_TELLING_LINE = re.compile(
    rf"\n(?:(?P<heading>{_HEADING})|(?P<opaque>{_FENCE}|{_COMMENT})|(?P<uncertain>{_UNCERTAIN}))"
)

# A line in the first column that begins a list item, but for rules made of the same characters. Only 1 may interrupt
# a paragraph; another number needs a blank line before it, or another item. What is inside the item is indented by as
# much as its marker takes; a tab reaches column 4, and no marker takes more.
_ITEM = re.compile(
    r"\n(?![-*_ \t]+(?:\n|\Z))(?P<marker>(?:[-*+]|1[.)]|(?<=\n\n)[0-9][.)]|(?P<next>[0-9][.)]))[ ]{1,2})[^ \t\n]"
)
_OUTSIDE = {width: re.compile(rf"\n(?![ \t]*+(?:\n|\Z)|[ ]{{{width}}}|[ ]{{0,3}}\t)") for width in (2, 3, 4)}
#: Items to go back for one that is surely an item; so many lists of single digits never have.
_MOST_ITEMS = 10
_FLUSH_LINE = re.compile(r"\n[^ \t\n]")

_OPENING = re.compile(r"\n {0,3}(?:(?P<fence>`{3,}|~{3,})|(?P<html><))")
_BLANK_LINE = re.compile(r"\n[ \t]*+(?=\n|\Z)")
# How HTML blocks end, by how they begin (CommonMark 0.31.2, 4.6). All others end before a blank line.
_HTML_ENDS = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for opening, end in (
        (r"<(?a:script|pre|style|textarea)(?=[\s>]|\Z)", r"</(?a:script|pre|style|textarea)>"),
        (r"<!--", r"-->"),
        (r"<\?", r"\?>"),
        (r"<!(?a:[A-Z])", r">"),
        (r"<!\[CDATA\[", r"\]\]>"),
    )
)


def opaque_ranges(text: str, parse: Callable[[str], list[tuple[int, int]]]) -> list[tuple[int, int]]:
    """The line ranges of the front matter and of all top-level fences, HTML blocks and indented code.

    Lines count from 0, ranges are half-open and in order. `parse` gives the same for a chunk that has to be
    parsed, front matter aside. Any ends of line; a byte order mark may come first.
    """
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    ranges = []
    place = front_matter_length(text)
    if place:
        ranges.append((0, text.count("\n", 0, place - 1) + 1))
    text = "\n" + text
    last = text.rfind("\n")
    if not text[last:].strip("\n \t"):
        # Spaces after the last LF are no line.
        text = text[:last]

    line, counted = text.count("\n", 0, place), place

    def line_at(later: int) -> int:
        nonlocal line, counted
        line += text.count("\n", counted, later)
        counted = later
        return line

    chunk = place
    while telling := _TELLING_LINE.search(text, place):
        if telling.lastgroup == "heading":
            chunk, place = telling.start(), telling.end()
        elif telling.lastgroup == "opaque":
            end = _end(text, telling.start(), len(text))
            ranges.append((line_at(telling.start()), line_at(end)))
            chunk = place = end
        elif item_end := _end_of_item(text, chunk, telling.start()):
            place = item_end
        else:
            following = _CERTAIN_LINE.search(text, telling.end())
            place = following.start() if following else len(text)
            first_line = line_at(chunk)
            lines = text.count("\n", chunk, place)
            for first, after in parse(text[chunk + 1 : place] + "\n"):
                if after < lines:
                    ranges.append((first_line + first, first_line + after))
                else:
                    # It may go on: what looked like a certain line may be inside of it.
                    place = _end(text, _forward(text, chunk, first), place)
                    ranges.append((first_line + first, line_at(place)))
            chunk = place
    return ranges


def _end_of_item(text: str, chunk: int, place: int) -> int | None:
    """Where the list item ends that the line at a place is inside of; None unless it surely is inside of one.

    No line from `chunk` to here is uncertain, so the nearest one in the first column is in no other block.
    """
    result = None
    for _ in range(_MOST_ITEMS):
        above = text.rfind("\n", chunk, place)
        while above >= 0 and not _FLUSH_LINE.match(text, above):
            above = text.rfind("\n", chunk, above)
        item = _ITEM.match(text, above) if above >= 0 else None
        if item is None:
            return None
        outside = _OUTSIDE[len(item["marker"])].search(text, text.index("\n", above + 1))
        end = outside.start() if outside else len(text)
        if result is None:
            if end <= place:
                return None
            result = end
        elif end < place:
            return None
        if not item["next"]:
            return result
        place = above
    return None


def _forward(text: str, place: int, lines: int) -> int:
    for _ in range(lines):
        place = text.index("\n", place + 1)
    return place


def _end(text: str, place: int, otherwise: int) -> int:
    """Where the fence or HTML block that begins at a place ends; `otherwise` for indented code."""
    opening = _OPENING.match(text, place)
    if opening is None:
        return otherwise
    if run := opening["fence"]:
        closing = re.compile(rf"\n {{0,3}}{run[0]}{{{len(run)},}}+[ \t]*+(?=\n|\Z)").search(text, opening.end())
        return closing.end() if closing else len(text)
    begin = opening.start("html")
    for begins, ends in _HTML_ENDS:
        if begins.match(text, begin):
            end = ends.search(text, begin)
            after = text.find("\n", end.end()) if end else -1
            return after if after >= 0 else len(text)
    blank = _BLANK_LINE.search(text, begin)
    return blank.start() if blank else len(text)
