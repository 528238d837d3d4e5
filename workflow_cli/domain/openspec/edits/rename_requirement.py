"""Rename a requirement: in place where it is written, or as an entry under RENAMED."""

from __future__ import annotations

import re

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.markdown.source import Span
from workflow_cli.domain.openspec.edits.blocks import (
    Block,
    Part,
    blocks,
    delta_of,
    find,
    refuse_other_kinds,
    require,
)
from workflow_cli.domain.openspec.edits.body import requirement_title
from workflow_cli.domain.openspec.edits.chain import Chain
from workflow_cli.domain.openspec.edits.layout import encode
from workflow_cli.domain.openspec.edits.main_spec import main_requirements, require_in_main
from workflow_cli.domain.openspec.edits.operation import RenameRequirement
from workflow_cli.domain.openspec.edits.page import Outcome, Page, PageKind
from workflow_cli.domain.openspec.edits.requirement_text import append_requirement, usual
from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.errors import EditRefused

_HEADER = re.compile(r"\ufeff?###\s*Requirement:\s*", re.A | re.I)
_FROM = re.compile(r"(?P<lead>\s*[-*+]?\s*)FROM:(?P<space>\s*)(?P<tick>`?)")


def carry_out(page: Page, operation: RenameRequirement) -> Outcome:
    """Raises EditRefused where the new name is taken, AddressNotFound where the old one is not there."""
    refuse_other_kinds(page, "rename-requirement")
    target = requirement_title(operation.to)
    if page.kind is PageKind.DELTA:
        return _in_delta(page, requirement_title(operation.requirement), target)
    if find(page, operation.requirement) is None and find(page, target) is not None:
        return Outcome(says=f'"{target}" has its name already')
    block = require(page, operation.requirement)
    if block.name == target:
        return Outcome(says=f'"{target}" has its name already')
    _refuse_taken(page, target, besides=block.line)
    return Outcome(edits=(_new_header(page, block, target),), says=f'rename "{block.name}" to "{target}"')


def _in_delta(page: Page, name: str, target: str) -> Outcome:
    delta = delta_of(page)[0]
    for rename in delta.renamed:
        if (rename.source, rename.target) == (name, target):
            return Outcome(says=f'"{name}" is renamed to "{target}" already')
        if rename.source == name:
            raise EditRefused(
                f'this delta renames "{name}" to "{rename.target}"', where=f"{page.path}:{rename.line + 1}"
            )
        if fold(rename.target) == fold(target):
            raise EditRefused(f'this delta renames "{rename.source}" to it', where=f"{page.path}:{rename.line + 1}")
    there = find(page, name)
    new = find(page, target)
    if there is None and new is not None and new.part is Part.ADDED:
        return Outcome(says=f'"{target}" has its name already')
    if there is not None and there.part is Part.ADDED:
        if name == target:
            return Outcome(says=f'"{target}" has its name already')
        _refuse_taken(page, target, besides=there.line)
        return Outcome(edits=(_new_header(page, there, target),), says=f'rename the added "{name}" to "{target}"')
    for removal in delta.removed:
        if removal.name == name:
            raise EditRefused(
                f'this delta removes "{name}"; it cannot rename it too', where=f"{page.path}:{removal.line + 1}"
            )
    chained = any(rename.target == name for rename in delta.renamed)
    source = name if chained else require_in_main(page, name, to="rename")
    if source == target:
        return Outcome(says=f'"{target}" has its name already')
    _refuse_taken(page, target, besides=None if there is None else there.line)
    for existing in main_requirements(page) or ():
        if fold(existing.name) == fold(target) and existing.name != source:
            raise EditRefused(f'the main spec has a requirement "{existing.name}" already', where=page.path)
    chain = Chain(page)
    if there is not None:
        chain.make((_new_header(page, there, target),))
    chain.make((_entry(chain.page, source, target),))
    return Outcome(edits=chain.edits, says=f'rename "{source}" to "{target}"')


def _refuse_taken(page: Page, target: str, *, besides: int | None) -> None:
    for block in blocks(page):
        if fold(block.name) == fold(target) and block.line != besides:
            raise EditRefused(f'there is a requirement "{block.name}" already', where=f"{page.path}:{block.line + 1}")


def _new_header(page: Page, block: Block, target: str) -> Edit:
    """The name alone changes: the heading's spacing and closing hashes stay."""
    source = page.source
    content = source.line_content(block.line)
    line = page.lines[block.line]
    lead = _HEADER.match(line)
    assert lead is not None
    start = content.start + len(encode(line[: lead.end()]))
    at = line.index(block.name, lead.end()) if block.name in line[lead.end() :] else None
    if at is None:
        raise EditRefused("the heading is not all UTF-8", where=f"{page.path}:{block.line + 1}")
    return Edit(span=Span(start, start + len(encode(block.name))), replacement=encode(target))


def _entry(page: Page, source: str, target: str) -> Edit:
    renames = delta_of(page)[0].renamed
    lead, tick = "- ", "`"
    gap = usual((page.blanks_before(rename.line) for rename in renames[1:]), 1)
    if renames and (shown := _FROM.match(page.lines[renames[-1].line])):
        lead, tick = shown["lead"], shown["tick"]
    lines = [
        f"{lead}FROM: {tick}### Requirement: {source}{tick}",
        f"{lead}TO: {tick}### Requirement: {target}{tick}",
    ]
    return append_requirement(page, Part.RENAMED, lines, gap=gap)
