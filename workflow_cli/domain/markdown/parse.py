"""From bytes to the tree. With `block_rules` the only module that knows markdown-it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from workflow_cli.domain.markdown.block_rules import ask_by_first_letter
from workflow_cli.domain.markdown.front_matter import front_matter_length
from workflow_cli.domain.markdown.opaque import opaque_ranges
from workflow_cli.domain.markdown.source import Source
from workflow_cli.domain.markdown.tree import Kind, Node

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# Each level costs the parser at most two stack frames, so this stays far from Python's own limit.
_MAX_NESTING = 200

_END_OF_LINE = re.compile(r"\r\n|\r|\n")
_CHECKBOX = re.compile(r"\[([ xX])\][ \t]+")

_LEAVES = {
    "paragraph_open": Kind.PARAGRAPH,
    "heading_open": Kind.HEADING,
    "fence": Kind.FENCE,
    "code_block": Kind.CODE_BLOCK,
    "html_block": Kind.HTML_BLOCK,
    "table_open": Kind.TABLE,
    "hr": Kind.THEMATIC_BREAK,
}
_CONTAINERS = {
    "bullet_list_open": Kind.BULLET_LIST,
    "ordered_list_open": Kind.ORDERED_LIST,
    "list_item_open": Kind.LIST_ITEM,
    "blockquote_open": Kind.BLOCKQUOTE,
}
_CLOSINGS = {name.replace("_open", "_close") for name in _CONTAINERS}
_OPAQUE = {"fence", "code_block", "html_block"}


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # The parser's own limit, kept out of reach, would swallow the rest of the document.
    parser = MarkdownIt("commonmark", {"maxNesting": 2 * _MAX_NESTING})
    parser.enable("table")
    # Blocks are all we need; inline rules cost half the time and hold every super-linear case.
    parser.disable(["inline", "text_join"])
    ask_by_first_letter(parser.block, deepest=_MAX_NESTING)
    return parser


def parse(source: Source) -> Node:
    """The document node of any bytes at all; never raises.

    CommonMark with GFM tables, and front matter as `front_matter_length` has it. Nesting ends at 200 levels,
    of which a quote takes one and a list two; what lies deeper is a paragraph.
    """
    text = source.text()
    skipped = front_matter_length(text)
    first = _count_lines(text[:skipped])
    blocks = []
    if skipped:
        blocks.append(_plain(source, Kind.FRONT_MATTER, 0, first))
    blocks += _blocks(source, _parser().parse(text[skipped:]), first)
    return _document(source, _sections(source, _with_gaps(source, blocks, 0, source.lines)))


def outline(source: Source) -> Node:
    """The document with no more than what `parse` gives it of headings, list items, and what holds these.

    It has the same places (see `address`), in half the time; the spans of its nodes leave gaps.
    """
    text = source.text()
    skipped = front_matter_length(text)
    tokens = _parser().parse(text[skipped:])
    return _document(source, _sections(source, _blocks(source, tokens, _count_lines(text[:skipped]), whole=False)))


def _document(source: Source, children: tuple[Node, ...]) -> Node:
    return Node(
        kind=Kind.DOCUMENT,
        span=source.lines_span(0, source.lines),
        first_line=0,
        end_line=source.lines,
        children=children,
    )


def opaque_lines(text: str) -> list[tuple[int, int]]:
    """The line ranges in which a `#` in the first column opens no heading, for CommonMark.

    These are the top-level fences, HTML blocks (comments too), indented code, and the front matter. Lines
    count from 0, ranges are half-open and in order. Any ends of line; a byte order mark may come first.

    They are the ranges `parse` would give, several times sooner.
    """
    return opaque_ranges(text, _opaque_blocks)


def _opaque_blocks(text: str) -> list[tuple[int, int]]:
    return [_lines(token, 0) for token in _parser().parse(text) if token.level == 0 and token.type in _OPAQUE]


def _count_lines(text: str) -> int:
    ends = sum(1 for _ in _END_OF_LINE.finditer(text))
    return ends + (text != "" and not text.endswith(("\r", "\n")))


def _blocks(source: Source, tokens: Sequence[Token], offset: int, *, whole: bool = True) -> list[Node]:
    """The top-level blocks of a token stream whose line 0 is line `offset` of the source.

    Not `whole`, they have neither gaps nor leaves but headings.
    """
    opened: list[tuple[int, list[Node]]] = []
    here: list[Node] = []
    for index, token in enumerate(tokens):
        if token.type in _CLOSINGS:
            opening, outer = opened.pop()
            first, end = _lines(tokens[opening], offset)
            inner = _with_gaps(source, here, first, end) if whole and here else here
            outer.append(_container(source, tokens, opening, inner, offset))
            here = outer
        elif token.map is None:
            continue
        elif token.type in _CONTAINERS:
            opened.append((index, here))
            here = []
        elif token.type in _LEAVES and (whole or token.type == "heading_open"):
            here.append(_leaf(source, tokens, index, offset))
    return here


def _leaf(source: Source, tokens: Sequence[Token], index: int, offset: int) -> Node:
    token = tokens[index]
    kind = _LEAVES[token.type]
    first, end = _lines(token, offset)
    level = title = info = None
    if kind is Kind.HEADING:
        level, title = int(token.tag[1:]), _one_line(tokens[index + 1].content)
    elif kind is Kind.FENCE:
        info = token.info.strip()
    return Node(
        kind=kind,
        span=source.lines_span(first, end),
        first_line=first,
        end_line=end,
        level=level,
        title=title,
        info=info,
    )


def _container(source: Source, tokens: Sequence[Token], index: int, inner: list[Node], offset: int) -> Node:
    token = tokens[index]
    kind = _CONTAINERS[token.type]
    first, end = _lines(token, offset)
    title, checked = None, None
    if kind is Kind.LIST_ITEM and tokens[index + 1].type == "paragraph_open":
        title, checked = _item_title(tokens[index + 2].content)
    return Node(
        kind=kind,
        span=source.lines_span(first, end),
        first_line=first,
        end_line=end,
        children=tuple(inner),
        title=title,
        checked=checked,
    )


def _item_title(content: str) -> tuple[str, bool | None]:
    line = content.split("\n", 1)[0].rstrip()
    checkbox = _CHECKBOX.match(line)
    if checkbox is None:
        return line, None
    return line[checkbox.end() :], checkbox[1] != " "


def _lines(token: Token, offset: int) -> tuple[int, int]:
    assert token.map is not None
    first, end = token.map
    return first + offset, end + offset


def _one_line(content: str) -> str:
    return " ".join(line.strip(" \t") for line in content.split("\n"))


def _with_gaps(source: Source, blocks: Sequence[Node], first: int, end: int) -> list[Node]:
    """The blocks with a gap wherever they leave lines of `first` up to `end` to nobody."""
    joined: list[Node] = []
    line = first
    for block in blocks:
        if block.first_line > line:
            joined.append(_plain(source, Kind.GAP, line, block.first_line))
        joined.append(block)
        line = block.end_line
    if line < end:
        joined.append(_plain(source, Kind.GAP, line, end))
    return joined


def _plain(source: Source, kind: Kind, first: int, end: int) -> Node:
    return Node(kind=kind, span=source.lines_span(first, end), first_line=first, end_line=end)


def _sections(source: Source, blocks: Sequence[Node]) -> tuple[Node, ...]:
    """The blocks, each heading and what it governs gathered into a section."""
    top: list[Node] = []
    opened: list[list[Node]] = []

    def close() -> None:
        members = opened.pop()
        heading, last = members[0], members[-1]
        section = Node(
            kind=Kind.SECTION,
            span=source.lines_span(heading.first_line, last.end_line),
            first_line=heading.first_line,
            end_line=last.end_line,
            children=tuple(members),
            level=heading.level,
            title=heading.title,
        )
        (opened[-1] if opened else top).append(section)

    for block in blocks:
        if block.level is not None:
            while opened and (opened[-1][0].level or 0) >= block.level:
                close()
            opened.append([block])
        else:
            (opened[-1] if opened else top).append(block)
    while opened:
        close()
    return tuple(top)
