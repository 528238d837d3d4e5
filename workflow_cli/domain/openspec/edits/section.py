"""Sections by the words of their headings, and the text that is a section's own."""

from __future__ import annotations

import re
from collections import Counter

from workflow_cli.domain.markdown.address import Address, resolve
from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.markdown.tree import Kind, Node
from workflow_cli.domain.openspec.delta import SECTION_TITLES
from workflow_cli.domain.openspec.edits.body import one_line
from workflow_cli.domain.openspec.edits.layout import insert_after
from workflow_cli.domain.openspec.edits.operation import CREATE
from workflow_cli.domain.openspec.edits.page import Page, PageKind
from workflow_cli.domain.openspec.text import without_start
from workflow_cli.errors import AddressNotFound, EditRefused

_NUMBER = re.compile(r"(\d{1,4})([.)])[ \t]+")
_HASHES = re.compile(r"\s*#{1,6}\s+")


def find_section(page: Page, section: str, *, optional: bool = False) -> Node | None:
    """The section an address names; heading numbers (`3. Open`) may be left out.

    Without `optional`, raises AddressNotFound with the nearest; with it, the answer is None.
    Raises AddressAmbiguous, and EditRefused for something that is no section.
    """
    section = without_start(_HASHES, one_line(section, what="the section"))
    try:
        node = resolve(page.tree, f"{page.path.replace('#', '')}#{section}")
    except AddressNotFound as error:
        alike = [n for n in page.tree.walk() if n.kind is Kind.SECTION and _bare(n.title or "") == _bare(section)]
        if len(alike) == 1:
            return alike[0]
        could_be_made = not alike and len(Address.parse(f"#{section}").steps) == 1
        if optional and could_be_made:
            return None
        raise AddressNotFound(error.address, error.nearest, otherwise=CREATE if could_be_made else None) from None
    if node.kind is not Kind.SECTION:
        raise EditRefused(f"{section!r} is a task, not a section", where=f"{page.path}:{node.first_line + 1}")
    return node


def _bare(title: str) -> str:
    return " ".join(without_start(_NUMBER, title).casefold().split())


def own_lines(section: Node) -> tuple[int, int]:
    """From the line after the heading up to the first subsection, or the end."""
    heading = section.children[0]
    inner = next(section.sections(), None)
    return heading.end_line, inner.first_line if inner else section.end_line


def refuse_lost_text(page: Page, section: Node) -> None:
    """Raises EditRefused for a section whose own text archiving would drop."""
    if page.kind is PageKind.DELTA and section.level == 2 and (section.title or "").lower() in SECTION_TITLES:
        raise EditRefused(
            f'text right below "## {section.title}" is dropped when the change is archived',
            where=f"{page.path}:{section.first_line + 1}",
            hint="use add-requirement, or put it in a requirement",
        )


def new_section(page: Page, title: str, lines: list[str]) -> Edit:
    """A section at the end of the document, numbered if the others are."""
    name = without_start(_HASHES, one_line(title, what="the section"))
    peers = [n for n in page.tree.walk() if n.kind is Kind.SECTION and n.level == 2]
    numbers = [m for n in peers if (m := _NUMBER.match(n.title or ""))]
    if numbers and len(numbers) == len(peers) and not _NUMBER.match(name):
        name = f"{max(int(m[1]) for m in numbers) + 1}{numbers[-1][2]} {name}"
    after = Counter(page.content(*own_lines(n))[0] - n.children[0].end_line for n in peers if _has_text(page, n))
    gap = after.most_common(1)[0][0] if after else 1
    written = [f"## {name}", *[""] * gap, *lines]
    last = page.content(0, page.source.lines)[1] - 1
    if last < 0:
        return insert_after(page, page.source.lines - 1, written)
    return insert_after(page, last, written, gap=1)


def _has_text(page: Page, section: Node) -> bool:
    first, end = page.content(*own_lines(section))
    return end > first


def gap_after_heading(page: Page) -> int:
    """Blank lines between a heading and its text, as most sections have it."""
    sections = [n for n in page.tree.walk() if n.kind is Kind.SECTION and _has_text(page, n)]
    gaps = Counter(page.content(*own_lines(n))[0] - n.children[0].end_line for n in sections)
    return gaps.most_common(1)[0][0] if gaps else 1
