"""The original bytes of a document, and where its lines are."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

BOM = b"\xef\xbb\xbf"
_END_OF_LINE = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of bytes, `start` up to but not including `end`."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    @property
    def len(self) -> int:
        """Length in bytes."""
        return self.end - self.start

    def contains(self, other: Span | int) -> bool:
        """Whether an offset, or every byte of another span, lies inside."""
        if isinstance(other, Span):
            return self.start <= other.start and other.end <= self.end
        return self.start <= other < self.end

    def __str__(self) -> str:
        return f"{self.start}..{self.end}"


class Source:
    """A document's bytes with an index of its lines; never changes.

    Lines end at CRLF, CR or LF and nowhere else: form feeds, U+0085 and U+2028 are text, as in CommonMark.
    A final end of line opens no further line, so `b"a\\n"` is one line and `b""` is none. Lines count from 0
    here and from 1 in `position`. Text is UTF-8 whose undecodable bytes become lone surrogates
    (`surrogateescape`), so that encoding it the same way gives back the bytes.
    """

    __slots__ = ("_starts", "bom", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.bom: bool = data.startswith(BOM)
        starts = [0, *(match.end() for match in _END_OF_LINE.finditer(data))]
        if starts[-1] != len(data):
            starts.append(len(data))
        # One entry a line and the end of the data, so line i is _starts[i] up to _starts[i + 1].
        self._starts = starts

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._starts) - 1

    @property
    def text_start(self) -> int:
        """Offset of the first byte after the byte order mark, if there is one; else 0."""
        return len(BOM) if self.bom else 0

    def line_span(self, line: int) -> Span:
        """The bytes of a line with its end-of-line bytes; the first line's include the byte order mark."""
        return self.lines_span(line, line + 1)

    def lines_span(self, first: int, end: int) -> Span:
        """The bytes of the lines `first` up to but not including `end`."""
        if not 0 <= first <= end <= self.lines:
            raise IndexError(f"lines {first}..{end} of {self.lines}")
        return Span(self._starts[first], self._starts[end])

    def line_content(self, line: int) -> Span:
        """The bytes of a line without its end-of-line bytes and without the byte order mark."""
        span = self.line_span(line)
        start = span.start if line else self.text_start
        return Span(start, span.end - len(_eol(self.data, span)))

    def line_text(self, line: int) -> str:
        """What `line_content` covers, as text."""
        return self.text(self.line_content(line))

    def line_of(self, offset: int) -> int:
        """The line an offset is on. Past the end of a last line that has an end, that is `lines`."""
        if not 0 <= offset <= len(self.data):
            raise IndexError(f"offset {offset} of {len(self.data)}")
        line = bisect_right(self._starts, offset) - 1
        if line == self.lines and line and not _eol(self.data, self.line_span(line - 1)):
            return line - 1
        return line

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1; the column counts characters and leaves out the byte order mark."""
        line = self.line_of(offset)
        start = self._starts[line] if line else min(offset, self.text_start)
        return line + 1, len(self.text(Span(start, offset))) + 1

    def text(self, span: Span | None = None) -> str:
        """A span as text, or all of it without the byte order mark."""
        chosen = self.data[self.text_start :] if span is None else self.data[span.start : span.end]
        return chosen.decode("utf-8", "surrogateescape")

    def eol_near(self, line: int) -> bytes:
        """The end-of-line bytes to use for text inserted at a line.

        The line's own; else those of the nearest line before, else of the nearest after; a LF where no line
        has any. `line` may be `lines`, for text added at the end.
        """
        if not 0 <= line <= self.lines:
            raise IndexError(f"line {line} of {self.lines}")
        # Only the last line can lack an end, so looking at two lines is looking at all of them.
        for candidate in (line, line - 1):
            if 0 <= candidate < self.lines and (found := _eol(self.data, self.line_span(candidate))):
                return found
        return b"\n"


def _eol(data: bytes, line: Span) -> bytes:
    if data.endswith(b"\r\n", line.start, line.end):
        return b"\r\n"
    if data.endswith((b"\n", b"\r"), line.start, line.end):
        return data[line.end - 1 : line.end]
    return b""


def split_lines(data: bytes) -> list[bytes]:
    """The lines with their ends, split where `Source` splits; joined, they are the data again."""
    starts = [0, *(match.end() for match in _END_OF_LINE.finditer(data)), len(data)]
    lines = [data[start:end] for start, end in pairwise(starts)]
    return lines if lines[-1] else lines[:-1]
