"""The tree of a document: blocks that know which bytes are theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workflow_cli.domain.markdown.source import Span


class Kind(StrEnum):
    """What a node is. All but the last two names are CommonMark's and GFM's (tables)."""

    DOCUMENT = "document"
    FRONT_MATTER = "front_matter"
    SECTION = "section"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    BULLET_LIST = "bullet_list"
    ORDERED_LIST = "ordered_list"
    LIST_ITEM = "list_item"
    BLOCKQUOTE = "blockquote"
    FENCE = "fence"
    CODE_BLOCK = "code_block"
    HTML_BLOCK = "html_block"
    TABLE = "table"
    THEMATIC_BREAK = "thematic_break"
    GAP = "gap"


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """One block. Spans are whole lines, end-of-line bytes included.

    The spans of `children` join up to the node's own, so the leaves of a document, concatenated, are its
    bytes (the byte order mark belongs to the first leaf). Markers such as `> ` and `- ` belong to the leaf on
    their line. What is no block, blank lines and link definitions, is a `gap`.

    A `section` is a heading and all that follows until the next heading of the same or a higher level. Only
    headings of the document itself open one, those in quotes and lists do not.
    """

    kind: Kind
    span: Span
    first_line: int
    """From 0."""
    end_line: int
    """The line after the last."""
    children: tuple[Node, ...] = ()
    level: int | None = None
    """1 to 6, of headings and sections."""
    title: str | None = None
    """Of headings and sections their text, unrendered and on one line; of list items their first line of text
    without marker and checkbox, None where they do not begin with a paragraph."""
    info: str | None = None
    """Of fences, what follows the opening fence, trimmed."""
    checked: bool | None = None
    """Of list items that are tasks (`[ ]`, `[x]`, `[X]`), whether they are done."""

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, in the order of the document, parents first."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))

    def leaves(self) -> Iterator[Node]:
        """The nodes without children, in the order of the document."""
        return (node for node in self.walk() if not node.children)

    def sections(self) -> Iterator[Node]:
        """The sections directly below this node."""
        return (child for child in self.children if child.kind is Kind.SECTION)
