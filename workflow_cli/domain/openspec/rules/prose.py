"""The words of a document that are prose: code, quotations, addresses and comments are blanked out.

Blanked text keeps its length, so an offset found in it is the offset in the document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A look at one character decides at most positions of a text. Addresses and paths may begin with any letter, and are
# left out where there is no slash.
_WITH_SLASH = r"""
  | (?P<url>h(?<!\wh)ttps?://[^\s)>\]]+)
  | (?P<path>(?<![\w/])(?:\.{0,2}/)?[\w.@*-]++(?:/[\w.@*{}-]+)+\.\w+)
"""
_SPANS, _SPANS_WITHOUT_SLASH = (
    re.compile(
        rf"""
    (?=[`<\]"“«「『„'‘])(?:
    (?P<comment><!--.*?(?:-->|\Z))
  | (?P<code>(?P<ticks>`(?<!``)`*+)(?:(?!\n\s*\n).)*?(?<!`)(?P=ticks)(?!`))
  | (?P<target>\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))
  | (?P<tag></?[A-Za-z][^<>\n]*>)
  | (?P<straight>"[^"\n]{{1,200}}")
  | (?P<curly>“[^”\n]{{1,200}}”|«[^»\n]{{1,200}}»|「[^」\n]{{1,200}}」|『[^』\n]{{1,200}}』|„[^“”\n]{{1,200}}[“”])
  | (?P<single>'(?<!\w')[^'\n]{{1,100}}'(?!\w)|‘(?<!\w‘)[^’\n]{{1,100}}’(?!\w))
    )
  {with_slash}
        """,
        re.X | re.S,
    )
    for with_slash in (_WITH_SLASH, "")
)
_TICKS = re.compile("`+")
_MANY_TICKS = 200
_MARKS = re.compile("[`<\\]/\"'“«「『„‘]")
_NOT_NEW_LINE = re.compile(r"[^\n]")
_UNDERSCORES = re.compile(r"_(?:(?<!\w_)_*|_*(?!\w))")
_HEADING = re.compile(r"#{1,6}(?:\s|$)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")
_TABLE = re.compile(r"\s*\|")
_QUOTE = re.compile(r"\s*>+\s?")
_SENTENCE_END = re.compile(r"[.!?](?=\s|\Z)|[。！？；;]|:\s*\Z")
#: Characters that an abbreviation and the boundary before it can take.
_LONGEST = 10
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|no|fig|incl)\.\Z", re.I)


def blank(match: re.Match[str] | str) -> str:
    """The same number of characters, all white space; line ends stay."""
    text = match if isinstance(match, str) else match[0]
    return _NOT_NEW_LINE.sub(" ", text) if "\n" in text else " " * len(text)


def _hide(match: re.Match[str]) -> str:
    if match["target"]:
        return "]" + blank(match["target"][1:])
    if match["comment"] or match["tag"]:
        return blank(match)
    # A name stands for what was hidden: "`a` and `b`" still reads as two things.
    hidden = blank(match)
    return hidden if len(hidden) < 3 or "\n" in hidden else " \ufffc" + hidden[2:]


def _without_spans(text: str) -> str:
    if text.count("`") > _MANY_TICKS:
        text = _without_lone_runs(text)
    if "<!--" in text:
        return _SPANS.sub(_hide, text)
    # Only comments run on over empty lines, and most paragraphs hold nothing to hide.
    return "\n\n".join(_paragraph_without_spans(paragraph) for paragraph in text.split("\n\n"))


def _without_lone_runs(text: str) -> str:
    """Runs of backticks that no other run can close are blanked: looking for the end of each takes quadratic time."""
    lengths = Counter(map(len, _TICKS.findall(text)))
    return _TICKS.sub(lambda run: blank(run) if lengths[len(run[0])] == 1 else run[0], text)


def _paragraph_without_spans(text: str) -> str:
    if not _MARKS.search(text):
        return text
    return (_SPANS if "/" in text else _SPANS_WITHOUT_SLASH).sub(_hide, text)


def prose_lines(lines: Sequence[str], mask: Sequence[bool]) -> list[str]:
    """The lines with everything that is not prose replaced by as much white space (or U+FFFC for a thing named)."""
    text = "\n".join("" if masked else line for line, masked in zip(lines, mask, strict=True))
    text = _without_spans(text).replace("*", " ").replace("~~", "  ")
    if "_" in text:
        text = _UNDERSCORES.sub(blank, text)
    return text.split("\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, list item or sentence as one string, which still knows where its characters stand.

    `starts` holds (offset in `text`, line, column) for each line it runs over, all counted from 0.
    """

    text: str
    starts: tuple[tuple[int, int, int], ...]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, counted from 0."""
        at = bisect_right(self.starts, offset, key=lambda start: start[0]) - 1
        start, line, column = self.starts[at]
        return line, column + offset - start

    @property
    def line(self) -> int:
        return self.starts[0][1]

    def part(self, start: int, end: int) -> Passage:
        first = bisect_right(self.starts, start, key=lambda s: s[0]) - 1
        moved = [(max(offset - start, 0), line, column) for offset, line, column in self.starts[first:] if offset < end]
        offset, line, column = self.starts[first]
        moved[0] = (0, line, column + start - offset)
        return Passage(self.text[start:end], tuple(moved))

    def sentences(self) -> Iterator[Passage]:
        start = 0
        for match in _SENTENCE_END.finditer(self.text):
            if match[0] == "." and _ABBREVIATION.search(self.text[max(match.end() - _LONGEST, 0) : match.end()]):
                continue
            if self.text[start : match.end()].strip():
                yield self.part(start, match.end())
            start = match.end()
        if self.text[start:].strip():
            yield self.part(start, len(self.text))


def passages(prose: Sequence[str], first_line: int = 0) -> Iterator[Passage]:
    """Paragraphs and list items of prose lines; headings, tables and what is blank end one."""
    pieces: list[tuple[str, int, int]] = []

    def join() -> Passage:
        text, starts = "", []
        for piece, line, column in pieces:
            text += " " if text else ""
            starts.append((len(text), line, column))
            text += piece
        return Passage(text, tuple(starts))

    for index, line in enumerate(prose):
        bare = line.strip()
        stops = not bare or _HEADING.match(line) is not None or _TABLE.match(line) is not None
        item = _ITEM.match(line) or _QUOTE.match(line)
        if pieces and (stops or item):
            yield join()
            pieces = []
        if not stops:
            column = item.end() if item else len(line) - len(line.lstrip())
            if piece := line[column:].rstrip():
                pieces.append((piece, first_line + index, column))
    if pieces:
        yield join()
