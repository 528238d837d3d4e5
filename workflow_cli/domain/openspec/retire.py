"""Whether a spec whose last requirement goes may be deleted: only if nothing else in it would go unnamed.

Archiving deletes a capability's spec when the change says `retire_capabilities: true` and the file holds
nothing but its title, its Purpose, and requirements with their statements and scenario steps. Everything
else is somebody's text, and stops the deletion.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.fence import fence_mask
from workflow_cli.domain.openspec.operations import foreign_tail
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import Spec
from workflow_cli.domain.openspec.text import js, normalize_line_ends, trim, trim_end

_SECTION = js(r" {0,3}##\s+(.+)\s*$")
_TITLE = js(r" {0,3}#\s+.+$")
_UNDERLINE = js(r" {0,3}(=+|-+)\s*$")
_HTML_HEADING = re.compile(r" {0,3}<h[1-6]\b", re.A | re.I)
_ANY_HTML_HEADING = js(r"\s*<h[1-6]\b", re.A | re.I)
_ATX_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|\Z)")
_SCENARIO = js(r" {0,3}####\s+Scenario:", re.A | re.I)
_TABLE_OR_HTML = js(r"\s*[|<]")
_LIST_ITEM = js(r"(\s*(?:[-*+]|[0-9]{1,9}[.)])\s+)")
_INDENT = re.compile(r"[ \t]*")
_INTERRUPTS = re.compile(r" {0,3}(?:>|(?:[-*_][ \t]*){3,}\Z|(?:[-*+]|[0-9]{1,9}[.)])(?:[ \t]|\Z)|[<|])")


def unnamed_content(document: Document, spec: Spec) -> list[str]:
    """Lines of a main spec that deleting it would take along although no operation names them."""
    section = spec.section
    if section is None:
        before: Sequence[str] = normalize_line_ends(trim_end(document.raw).removeprefix("\ufeff")).split("\n")
        inside: list[str] = []
        blocks: Sequence[Requirement] = ()
    else:
        before = spec.lines[: section.line]
        if before:
            # A second byte-order mark goes here too, though nowhere else.
            before = [before[0].removeprefix("\ufeff"), *before[1:]]
        inside = [*section.preamble, *spec.lines[section.end :]]
        blocks = section.blocks
    found = [*_above_requirements(before), *(trim(line) for line in inside if trim(line))]
    for block in blocks:
        if tail := foreign_tail(block):
            found.append(trim(tail[1].split("\n", 1)[0]))
        found.extend(_BlockAudit(trim_end(block.raw).split("\n")).leftovers())
    return list(dict.fromkeys(found))


def _above_requirements(lines: Sequence[str]) -> Iterator[str]:
    """What stands above the requirements besides one title and the Purpose."""
    mask = fence_mask(lines)
    in_purpose = title_seen = False
    previous = ""
    for line, fenced in zip(lines, mask, strict=True):
        if not trim(line):
            previous = ""
            continue
        above, previous = previous, line
        if not fenced:
            if header := _SECTION.match(line):
                in_purpose = trim(header[1]).lower() == "purpose"
                if not in_purpose:
                    yield trim(line)
                continue
            underlined = in_purpose and trim(above) and _UNDERLINE.match(line)
            if underlined or _HTML_HEADING.match(line):
                yield trim(above if underlined else line)
                in_purpose = False
                continue
            if _TITLE.match(line):
                if title_seen or in_purpose:
                    yield trim(line)
                    in_purpose = False
                else:
                    title_seen = True
                continue
        if not in_purpose:
            yield trim(line)


@dataclass
class _BlockAudit:
    """One requirement block, read line by line.

    `item_column` is the content column of the list item the last line belonged to; `paragraph_open` says
    whether that item's paragraph may still be continued by a line that does not indent.
    """

    lines: Sequence[str]
    in_scenario: bool = False
    steps_seen: bool = False
    scenario_seen: bool = False
    item_column: int | None = None
    paragraph_open: bool = False

    def leftovers(self) -> Iterator[str]:
        mask = fence_mask(self.lines)
        for index, line in enumerate(self.lines):
            if not trim(line):
                if self.steps_seen:
                    self.in_scenario = False
                self._close()
            elif index > 0:
                yield from self._visit(index, line, fenced=mask[index])

    def _close(self) -> None:
        self.item_column = None
        self.paragraph_open = False

    def _visit(self, index: int, line: str, *, fenced: bool) -> Iterator[str]:
        inside = self.item_column is not None and _column(_leading(line)) >= self.item_column
        shown = _drop_indent(line, self.item_column) if inside and self.item_column is not None else line
        if fenced:
            if not inside:
                self.item_column = None
            self.paragraph_open = False
            return
        if index > 1 and _UNDERLINE.match(shown) and trim(self.lines[index - 1]):
            yield trim(self.lines[index - 1])
            self._close()
            return
        lazy = self.paragraph_open and self.in_scenario and not _INTERRUPTS.match(shown)
        if (inside or lazy) and not _is_heading(shown):
            self.paragraph_open = not _INTERRUPTS.match(shown)
            return
        item = _LIST_ITEM.match(line)
        self.item_column = _column(item[1]) if item else None
        self.paragraph_open = item is not None
        if _SCENARIO.match(line):
            self.scenario_seen = self.in_scenario = True
            self.steps_seen = False
        elif item:
            if self.in_scenario:
                self.steps_seen = True
            elif self.scenario_seen:
                yield trim(line)
        elif self.scenario_seen or _TABLE_OR_HTML.match(line):
            yield trim(line)


def _is_heading(line: str) -> bool:
    return _ATX_HEADING.match(line) is not None or _ANY_HTML_HEADING.match(line) is not None


def _leading(line: str) -> str:
    match = _INDENT.match(line)
    return match[0] if match else ""


def _column(prefix: str) -> int:
    column = 0
    for char in prefix:
        column += 4 - column % 4 if char == "\t" else 1
    return column


def _drop_indent(line: str, columns: int) -> str:
    column = index = 0
    while index < len(line) and column < columns and line[index] in " \t":
        column += 4 - column % 4 if line[index] == "\t" else 1
        index += 1
    return line[index:]
