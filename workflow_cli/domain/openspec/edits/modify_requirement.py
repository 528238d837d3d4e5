"""Change what a requirement says: its statement alone, or everything below its heading."""

from __future__ import annotations

from workflow_cli.domain.openspec.edits.blocks import Block, Part, find, read_as_block, refuse_other_kinds, require
from workflow_cli.domain.openspec.edits.body import body_lines, has_headings, requirement_title
from workflow_cli.domain.openspec.edits.layout import insert_after, replace_lines
from workflow_cli.domain.openspec.edits.main_spec import copy_to_modified, main_requirement
from workflow_cli.domain.openspec.edits.operation import ModifyRequirement
from workflow_cli.domain.openspec.edits.page import Outcome, Page
from workflow_cli.domain.openspec.edits.requirement_text import content_of, gap_after_header, scenario_style
from workflow_cli.domain.openspec.edits.scenario_style import same_text
from workflow_cli.domain.openspec.requirement import REQUIREMENT_HEADER, lost_scenarios, requirement_name
from workflow_cli.domain.openspec.text import js
from workflow_cli.errors import EditRefused

_HEADING = js(r"#{1,6}\s")
_METADATA = js(r"\s*\*\*[^*]+\*\*:")


def carry_out(page: Page, operation: ModifyRequirement) -> Outcome:
    """Raises EditRefused where a statement holds headings, and where text that is no statement would go unseen."""
    refuse_other_kinds(page, "modify-requirement")
    title = requirement_title(operation.requirement)
    if find(page, title) is None and (copied := copy_to_modified(page, title)):
        outcome = _modify(copied.page, title, operation)
        if outcome.edits:
            copied.make(outcome.edits)
            return Outcome(edits=copied.edits, says=f"{outcome.says}, copied from the main spec")
        return Outcome(says=f'the main spec says so already of "{title}"')
    return _modify(page, operation.requirement, operation)


def _modify(page: Page, requirement: str, operation: ModifyRequirement) -> Outcome:
    block = require(page, requirement)
    if operation.text is not None:
        return _statement(page, block, operation.text)
    assert operation.block is not None
    return _whole(page, block, operation.block)


def _statement(page: Page, block: Block, text: str) -> Outcome:
    lines = body_lines(text, above=3, what=f'the requirement "{block.name}"')
    if has_headings(lines):
        raise EditRefused(
            f'the statement of "{block.name}" holds a heading', hint="give the whole requirement as `block` instead"
        )
    first, end = page.content(block.line + 1, _first_heading(page, block))
    if first == end:
        edit = insert_after(page, block.line, lines, gap=gap_after_header(page))
        return Outcome(edits=(edit,), says=f'set the statement of "{block.name}"')
    openspec, _ = page.masks
    old = page.lines[first:end]
    aside = [line for i, line in enumerate(old) if openspec[first + i] or _METADATA.match(line)]
    if any(line.strip() and line not in lines for line in aside):
        raise EditRefused(
            f'the statement of "{block.name}" holds code or metadata that the new one has not',
            where=f"{page.path}:{first + 1}",
            hint="repeat those lines in the text, or they would be lost",
        )
    if same_text(old, lines):
        return Outcome(says=f'"{block.name}" says so already')
    return Outcome(edits=replace_lines(page, first, end, lines), says=f'change the statement of "{block.name}"')


def _first_heading(page: Page, block: Block) -> int:
    openspec, commonmark = page.masks
    end = content_of(page, block)[1]
    for line in range(block.line + 1, end):
        if not (openspec[line] and commonmark[line]) and _HEADING.match(page.lines[line] + " "):
            return line
    return end


def _whole(page: Page, block: Block, text: str) -> Outcome:
    what = f'the requirement "{block.name}"'
    lines = scenario_style(page).body(_below_heading(text, block.name, what))
    incoming = read_as_block([page.lines[block.line], *lines])
    if not incoming.text:
        raise EditRefused(f"the new text of {what} has no statement")
    current = main_requirement(page, block.name) if block.part is Part.MODIFIED else None
    if current is not None and (lost := lost_scenarios(current, incoming)):
        raise EditRefused(
            f"the new text of {what} leaves out {', '.join(repr(n) for n in lost)}, which the main spec has; "
            "archiving refuses that",
            where=f"{page.path}:{block.line + 1}",
            hint="repeat those scenarios in the text",
        )
    first, end = page.content(block.line + 1, content_of(page, block)[1])
    if same_text(page.lines[first:end], lines):
        return Outcome(says=f'"{block.name}" says so already')
    if first == end:
        edit = insert_after(page, block.line, lines, gap=gap_after_header(page))
        return Outcome(edits=(edit,), says=f'write "{block.name}"')
    return Outcome(edits=replace_lines(page, first, end, lines), says=f'rewrite "{block.name}"')


def _below_heading(text: str, name: str, what: str) -> list[str]:
    stripped = text.lstrip("\ufeff\r\n")
    header, _, rest = stripped.partition("\n")
    if match := REQUIREMENT_HEADER.match(header.rstrip("\r")):
        if requirement_name(match[1]) != name:
            raise EditRefused(f'the text is headed "{requirement_name(match[1])}"', hint="use rename-requirement")
        stripped = rest
    return body_lines(stripped, above=3, what=what)
