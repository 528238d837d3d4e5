"""Add a scenario to a requirement."""

from __future__ import annotations

from workflow_cli.domain.openspec.edits.blocks import find, refuse_other_kinds, require
from workflow_cli.domain.openspec.edits.body import body_lines, requirement_title, scenario_title
from workflow_cli.domain.openspec.edits.layout import insert_after
from workflow_cli.domain.openspec.edits.main_spec import copy_to_modified
from workflow_cli.domain.openspec.edits.operation import AddScenario
from workflow_cli.domain.openspec.edits.page import Outcome, Page
from workflow_cli.domain.openspec.edits.requirement_text import (
    content_of,
    gap_before_scenario,
    scenario_style,
    without_rule,
)
from workflow_cli.domain.openspec.edits.scenario_style import named, same_text
from workflow_cli.errors import EditRefused


def carry_out(page: Page, operation: AddScenario) -> Outcome:
    """Raises EditRefused for a scenario that is there with another text."""
    refuse_other_kinds(page, "add-scenario")
    name = scenario_title(operation.name)
    body = body_lines(operation.text, above=4, what=f'the scenario "{name}"')
    title = requirement_title(operation.requirement)
    if find(page, title) is None and (copied := copy_to_modified(page, title)):
        outcome = _add(copied.page, title, name, body)
        copied.make(outcome.edits)
        return Outcome(edits=copied.edits, says=f"{outcome.says}, copied from the main spec")
    return _add(page, operation.requirement, name, body)


def _add(page: Page, requirement: str, name: str, body: list[str]) -> Outcome:
    block = require(page, requirement)
    style = scenario_style(page)
    for scenario in block.requirement.scenarios:
        if not named(scenario, name):
            continue
        if same_text(without_rule(scenario.body), style.body(body)):
            return Outcome(says=f'scenario "{name}" of "{block.name}" is there already')
        raise EditRefused(
            f'the scenario "{name}" of "{block.name}" is there with another text',
            where=f"{page.path}:{scenario.line + 1}",
            hint=f'use set-section "Requirement: {block.name} > Scenario: {name}"',
        )
    last = content_of(page, block)[1] - 1
    edit = insert_after(page, last, style.write(name, body), gap=gap_before_scenario(page))
    return Outcome(edits=(edit,), says=f'add scenario "{name}" to "{block.name}"')
