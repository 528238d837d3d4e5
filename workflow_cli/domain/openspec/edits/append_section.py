"""Add a paragraph or a list item to a section."""

from __future__ import annotations

import re

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.markdown.tree import Kind, Node
from workflow_cli.domain.openspec.edits.body import body_lines, has_headings
from workflow_cli.domain.openspec.edits.layout import insert_after
from workflow_cli.domain.openspec.edits.operation import AppendSection
from workflow_cli.domain.openspec.edits.page import Outcome, Page
from workflow_cli.domain.openspec.edits.section import (
    find_section,
    gap_after_heading,
    new_section,
    own_lines,
    refuse_lost_text,
)
from workflow_cli.domain.openspec.text import without_start
from workflow_cli.errors import EditRefused

_LISTS = (Kind.BULLET_LIST, Kind.ORDERED_LIST)
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<mark>[-*+]|(?P<number>\d{1,9})(?P<dot>[.)]))(?P<space>[ \t]+)")
_TYPED_MARK = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\S)")


def carry_out(page: Page, operation: AppendSection) -> Outcome:
    """Raises EditRefused for text that holds a heading; that is a section of its own."""
    section = find_section(page, operation.section, optional=operation.create)
    what = f"the section {operation.section!r}"
    bullet = operation.bullet is not None
    lines = body_lines(operation.bullet if operation.bullet is not None else operation.text or "", above=0, what=what)
    if has_headings(lines):
        raise EditRefused(f"the text for {what} holds a heading", hint="set-section takes subsections")
    if bullet:
        lines[0] = without_start(_TYPED_MARK, lines[0].lstrip())
    if section is None:
        written = _item_lines("", f"{_usual_mark(page)} ", lines) if bullet else lines
        return Outcome(
            edits=(new_section(page, operation.section, written),), says=f'add section "{operation.section}"'
        )
    refuse_lost_text(page, section)
    if _is_there(page, section, lines, bullet=bullet):
        return Outcome(says=f'the section "{section.title}" has it already')
    edit = _append_item(page, section, lines) if bullet else _append_text(page, section, lines)
    return Outcome(edits=(edit,), says=f'add {"an item" if bullet else "text"} to the section "{section.title}"')


def _is_there(page: Page, section: Node, lines: list[str], *, bullet: bool) -> bool:
    if bullet:
        return any(_words(_item_text(page, item)) == _words(lines) for item in _items(section))
    first, end = page.content(*own_lines(section))
    own = [line.rstrip() for line in page.lines[first:end]]
    wanted = [line.rstrip() for line in lines]
    return any(own[at : at + len(wanted)] == wanted for at in range(len(own)))


def _items(section: Node) -> list[Node]:
    own = [child for child in section.children if child.kind is not Kind.SECTION]
    return [node for child in own for node in child.walk() if node.kind is Kind.LIST_ITEM]


def _item_text(page: Page, item: Node) -> list[str]:
    """The item's own lines, without its marker and without lists inside it."""
    inner = next((child.first_line for child in item.children if child.kind in _LISTS), item.end_line)
    lines = page.lines[item.first_line : inner]
    return [without_start(_ITEM, lines[0]), *lines[1:]] if lines else []


def _words(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def _append_text(page: Page, section: Node, lines: list[str]) -> Edit:
    first, end = page.content(*own_lines(section))
    if first == end:
        return insert_after(page, section.children[0].end_line - 1, lines, gap=gap_after_heading(page))
    return insert_after(page, end - 1, lines, gap=1)


def _append_item(page: Page, section: Node, lines: list[str]) -> Edit:
    lists = [child for child in section.children if child.kind in _LISTS]
    if not lists:
        return _append_text(page, section, _item_lines("", f"{_usual_mark(page)} ", lines))
    items = [child for child in lists[-1].children if child.kind is Kind.LIST_ITEM]
    shown = _ITEM.match(page.lines[items[-1].first_line])
    if shown is None:
        raise EditRefused("the list is written in a way that cannot be continued", where=page.path)
    mark = f"{int(shown['number']) + _step(page, items)}{shown['dot']}" if shown["number"] else shown["mark"]
    gap = page.blanks_before(items[-1].first_line) if len(items) > 1 else 0
    last = page.content(items[-1].first_line, lists[-1].end_line)[1] - 1
    return insert_after(page, last, _item_lines(shown["indent"], mark + shown["space"], lines), gap=gap)


def _step(page: Page, items: list[Node]) -> int:
    """0 for lists that number every item 1, else 1."""
    numbers = [m["number"] for item in items if (m := _ITEM.match(page.lines[item.first_line]))]
    return 0 if len(numbers) > 1 and len(set(numbers)) == 1 else 1


def _item_lines(indent: str, mark: str, lines: list[str]) -> list[str]:
    inner = indent + " " * len(mark)
    return [indent + mark + lines[0], *(inner + line.lstrip() if line.strip() else "" for line in lines[1:])]


def _usual_mark(page: Page) -> str:
    marks = [m["mark"] for line in page.lines if (m := _ITEM.match(line)) and not m["number"]]
    return max(sorted(set(marks)), key=marks.count) if marks else "-"
