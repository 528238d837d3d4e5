"""Remove a requirement: from a main spec, or by an entry under REMOVED."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.openspec.edits.blocks import (
    Block,
    Part,
    blocks,
    delta_of,
    delta_section,
    find,
    refuse_other_kinds,
    require,
)
from workflow_cli.domain.openspec.edits.body import one_line, requirement_title
from workflow_cli.domain.openspec.edits.chain import Chain
from workflow_cli.domain.openspec.edits.layout import delete_block
from workflow_cli.domain.openspec.edits.main_spec import require_in_main
from workflow_cli.domain.openspec.edits.operation import RemoveRequirement
from workflow_cli.domain.openspec.edits.page import Outcome, Page, PageKind
from workflow_cli.domain.openspec.edits.requirement_text import append_requirement
from workflow_cli.errors import EditRefused

_BULLET = re.compile(r"(?P<lead>\s*[-*+]\s*)(?P<tick>`?)###")
_LABELS = {
    "Reason": re.compile(r"(?P<prefix>\s*(?:[-*+][ \t]+)?(?:\*\*|__|\*|_)?Reason:?(?:\*\*|__|\*|_)?:?[ \t]*)", re.I),
    "Migration": re.compile(
        r"(?P<prefix>\s*(?:[-*+][ \t]+)?(?:\*\*|__|\*|_)?Migration:?(?:\*\*|__|\*|_)?:?[ \t]*)", re.I
    ),
}


def carry_out(page: Page, operation: RemoveRequirement) -> Outcome:
    """Raises AddressNotFound where it is not there, EditRefused where nothing would be left or no reason is given.

    In a delta also where the capability has no main spec.
    """
    refuse_other_kinds(page, "remove-requirement")
    if page.kind is PageKind.DELTA:
        return _in_delta(page, operation)
    block = require(page, operation.requirement)
    if len(blocks(page)) == 1:
        raise EditRefused(
            f'"{block.name}" is the last requirement, and a spec must have one',
            where=f"{page.path}:{block.line + 1}",
            hint="retire the capability with a change that removes it",
        )
    return Outcome(edits=(delete_block(page, block.line, block.end),), says=f'remove requirement "{block.name}"')


def _in_delta(page: Page, operation: RemoveRequirement) -> Outcome:
    name = requirement_title(operation.requirement)
    delta = delta_of(page)[0]
    there = find(page, name)
    if any(removal.name == name for removal in delta.removed):
        return Outcome(says=f'"{name}" is removed already')
    for rename in delta.renamed:
        if name in (rename.source, rename.target):
            raise EditRefused(
                f'this delta renames "{rename.source}" to "{rename.target}"; it cannot remove it too',
                where=f"{page.path}:{rename.line + 1}",
            )
    chain = Chain(page)
    if there is not None:
        chain.make((_without(page, there),))
    if there is not None and there.part is Part.ADDED:
        return Outcome(edits=chain.edits, says=f'take the added requirement "{name}" out')
    name = require_in_main(page, name, to="remove")
    if not operation.reason:
        raise EditRefused(
            f'removing "{name}" needs a reason, which the delta carries to its readers',
            where=page.path,
            hint="give `reason`, or --because",
        )
    chain.make((_entry(chain.page, name, operation.reason, operation.migration),))
    return Outcome(edits=chain.edits, says=f'remove requirement "{name}"')


def _without(page: Page, block: Block) -> Edit:
    """The block goes, and its section with it where nothing else stands there."""
    assert block.part is not None
    sections = [s for s in delta_of(page)[0].sections if s.operation is block.part]
    section = next(s for s in sections if s.line < block.line < s.end)
    alone = page.content(section.line + 1, block.line)[0] == section.line + 1 and all(
        page.is_blank(line) for line in [*range(section.line + 1, block.line), *range(block.end, section.end)]
    )
    return delete_block(page, section.line if alone else block.line, block.end)


def _entry(page: Page, name: str, reason: str, migration: str | None) -> Edit:
    said = [("Reason", one_line(reason, what="the reason"))]
    if migration:
        said.append(("Migration", one_line(migration, what="the migration")))
    section = delta_section(page, Part.REMOVED)
    shown = page.lines[section.line + 1 : section.end] if section else []
    bullet = next((b for line in shown if (b := _BULLET.match(line))), None)
    if bullet:
        lead, tick = bullet["lead"], bullet["tick"]
        indent = " " * len(lead)
        lines = [f"{lead}{tick}### Requirement: {name}{tick}"]
        lines += [f"{indent}{_label(shown, label).strip()} {text}" for label, text in said]
        return append_requirement(page, Part.REMOVED, lines, gap=0)
    lines = [f"### Requirement: {name}", *(f"{_label(shown, label)}{text}" for label, text in said)]
    return append_requirement(page, Part.REMOVED, lines)


def _label(shown: Sequence[str], label: str) -> str:
    found = next((m["prefix"] for line in shown if (m := _LABELS[label].match(line))), None)
    return f"{found.rstrip()} " if found else f"**{label}**: "
