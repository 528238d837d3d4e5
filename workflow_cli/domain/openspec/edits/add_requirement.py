"""Add a requirement: to a main spec, or to what a delta adds."""

from __future__ import annotations

from workflow_cli.domain.openspec.edits.blocks import (
    Block,
    Part,
    blocks,
    delta_of,
    find,
    refuse_other_kinds,
    requirements_section,
)
from workflow_cli.domain.openspec.edits.body import body_lines, requirement_title, scenario_title
from workflow_cli.domain.openspec.edits.main_spec import main_requirement
from workflow_cli.domain.openspec.edits.operation import AddRequirement
from workflow_cli.domain.openspec.edits.page import Outcome, Page, PageKind
from workflow_cli.domain.openspec.edits.requirement_text import (
    append_requirement,
    gap_after_header,
    gap_before_scenario,
    scenario_style,
    without_rule,
)
from workflow_cli.domain.openspec.edits.scenario_style import same_text
from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.errors import EditRefused


def carry_out(page: Page, operation: AddRequirement) -> Outcome:
    """Raises EditRefused for a name that is there with another text, or taken by another part of the delta."""
    refuse_other_kinds(page, "add-requirement")
    name = requirement_title(operation.name)
    lines = _written(page, name, operation)
    part = Part.ADDED if page.kind is PageKind.DELTA else None
    there = find(page, name)
    if there is not None:
        if there.part is part and same_text(without_rule(there.requirement.lines[1:]), lines[1:]):
            return Outcome(says=f'requirement "{name}" is there already')
        raise _taken(page, there, part)
    for block in blocks(page):
        if fold(block.name) == fold(name):
            raise EditRefused(
                f'the requirement "{block.name}" has the same name but for case or spaces',
                where=f"{page.path}:{block.line + 1}",
                hint="archiving refuses two such names; choose another, or rename that one",
            )
    if page.kind is PageKind.DELTA:
        _refuse_clashes(page, name)
    else:
        requirements_section(page)
    return Outcome(edits=(append_requirement(page, part, lines),), says=f'add requirement "{name}"')


def _written(page: Page, name: str, operation: AddRequirement) -> list[str]:
    style = scenario_style(page)
    what = f'the requirement "{name}"'
    lines = [
        f"### Requirement: {name}",
        *[""] * gap_after_header(page),
        *style.body(body_lines(operation.text, above=3, what=what)),
    ]
    for scenario in operation.scenarios:
        title = scenario_title(scenario.name)
        body = body_lines(scenario.text, above=4, what=f'the scenario "{title}"')
        lines += [*[""] * gap_before_scenario(page), *style.write(title, body)]
    return lines


def _taken(page: Page, there: Block, part: Part | None) -> EditRefused:
    where = f"{page.path}:{there.line + 1}"
    if there.part is not part:
        return EditRefused(f'this delta modifies the requirement "{there.name}"; it cannot add it too', where=where)
    return EditRefused(
        f'the requirement "{there.name}" is there with another text', where=where, hint="use modify-requirement"
    )


def _refuse_clashes(page: Page, name: str) -> None:
    delta = delta_of(page)[0]
    for removal in delta.removed:
        if fold(removal.name) == fold(name):
            raise EditRefused(
                f'this delta removes the requirement "{removal.name}"; it cannot add it too',
                where=f"{page.path}:{removal.line + 1}",
                hint="modify-requirement changes a requirement that exists",
            )
    for rename in delta.renamed:
        if fold(rename.target) == fold(name):
            raise EditRefused(
                f'this delta renames a requirement to "{rename.target}"; it cannot add it too',
                where=f"{page.path}:{rename.target_line + 1}",
            )
    existing = main_requirement(page, name)
    if existing is not None and all(rename.source != existing.name for rename in delta.renamed):
        raise EditRefused(
            f'the main spec has a requirement "{existing.name}" already',
            where=page.path,
            hint="use modify-requirement, which copies it into the delta",
        )
