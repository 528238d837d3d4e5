"""Lines put in, replaced and taken out, with the line ends and blank lines of their surroundings."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.markdown.source import Span
from workflow_cli.domain.openspec.edits.page import Page


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def can_be_encoded(text: str) -> bool:
    r"""Whether `encode` knows bytes for it: half of a surrogate pair, which JSON writes as `\ud800`, has none."""
    try:
        encode(text)
    except UnicodeEncodeError:
        return False
    return True


def insert_after(page: Page, line: int, lines: Sequence[str], *, gap: int = 0) -> Edit:
    """Lines after `line` (-1: at the top), `gap` blank ones first.

    Blank lines that follow stay and part the new text from what comes next. A file that did not end with an
    end of line does not end with one now.
    """
    source = page.source
    eol = source.eol_near(max(line, 0))
    written = [*[b""] * gap, *map(encode, lines)]
    if line < 0:
        return Edit(span=Span(source.text_start, source.text_start), replacement=b"".join(w + eol for w in written))
    at = source.line_span(line).end
    if source.line_content(line).end == at:
        return Edit(span=Span(at, at), replacement=b"".join(eol + w for w in written))
    return Edit(span=Span(at, at), replacement=b"".join(w + eol for w in written))


def replace_lines(page: Page, first: int, end: int, lines: Sequence[str]) -> tuple[Edit, ...]:
    """The lines `first` up to `end` (at least one) become `lines`; those that agree at either side are left alone."""
    old = page.lines[first:end]
    new = list(lines)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    changed, first, end = new[head : len(new) - tail], first + head, end - tail
    if first == end and not changed:
        return ()
    if first == end:
        return (insert_after(page, first - 1, changed),)
    if not changed:
        return (delete_lines(page, first, end),)
    source = page.source
    eol = source.eol_near(first)
    start = source.line_content(first).start
    return (Edit(span=Span(start, source.line_content(end - 1).end), replacement=eol.join(map(encode, changed))),)


def delete_lines(page: Page, first: int, end: int) -> Edit:
    """The lines go; a file that did not end with an end of line does not end with one now."""
    source = page.source
    start, stop = page.offset(first), page.offset(end)
    unended = end == source.lines and source.line_content(end - 1).end == stop
    if unended and first > 0:
        start = source.line_content(first - 1).end
    return Edit(span=Span(max(start, source.text_start), stop), replacement=b"")


def delete_block(page: Page, first: int, end: int) -> Edit:
    """A block goes with the blank lines before it; those after it stay, unless they would begin the document."""
    last = page.content(first, end)[1]
    start = first - page.blanks_before(first)
    if start == 0:
        while last < page.source.lines and page.is_blank(last):
            last += 1
    return delete_lines(page, start, last)
