"""A plan as the documents of a change, in the style of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workflow_cli.domain.openspec.proposing.habits import Habits
from workflow_cli.domain.openspec.proposing.plan import Plan, PlannedDelta, PlannedRequirement, PlannedScenario
from workflow_cli.domain.openspec.proposing.wording import wording
from workflow_cli.domain.openspec.tasks import read_task

_CASED = {"GIVEN": "Given", "WHEN": "When", "THEN": "Then", "AND": "And", "BUT": "But"}


def proposal(plan: Plan, habits: Habits) -> bytes:
    words = wording(habits.prose)
    blocks: list[Sequence[str]] = []
    if habits.title_line:
        blocks.append([habits.title_line.format(title=plan.title)])
    blocks += [[f"## {habits.sections['why']}"], plan.why or [words.why_open.format(title=plan.title)]]
    blocks += [[f"## {habits.sections['what']}"], plan.what or [f"- {plan.title}"]]
    if plan.restates:
        blocks.append([words.draft])
    for heading, lines in plan.other:
        blocks += [[f"## {heading}"], lines]
    if habits.has_capabilities:
        blocks += _capabilities(plan)
    impact = f"## {habits.sections['impact']}"
    blocks += [[impact], [*plan.impact, *([""] if _ends_in_prose(plan.impact) else []), *_impact(plan, habits)]]
    blocks += _own_sections(plan, habits)
    return _bytes(blocks, habits)


def _own_sections(plan: Plan, habits: Habits) -> Iterator[Sequence[str]]:
    """Those the tree has beside OpenSpec's, but for what the notes have said; each still to be written."""
    said = {heading.casefold() for heading, _ in plan.other}
    for title, lines in habits.own_sections:
        if title.casefold() not in said:
            yield [f"## {title}"]
            if lines:
                yield lines
            yield [wording(habits.prose).section_open]


def _ends_in_prose(lines: Sequence[str]) -> bool:
    return bool(lines) and not lines[-1].lstrip().startswith(("-", "*", "+"))


def _capabilities(plan: Plan) -> Iterator[Sequence[str]]:
    yield ["## Capabilities"]
    for title, is_new in (("New", True), ("Modified", False)):
        listed = [d for d in plan.deltas if d.is_new is is_new]
        if listed:
            yield [f"### {title} Capabilities"]
            yield [f"- `{d.capability}`: {'; '.join(_names(d)) or plan.title}" for d in listed]


def _names(delta: PlannedDelta) -> list[str]:
    return [requirement.name for requirement in delta.requirements]


def _impact(plan: Plan, habits: Habits) -> list[str]:
    words = wording(habits.prose)
    specs = ", ".join(f"`{d.capability}`" for d in plan.deltas)
    lines = [f"- {words.affected_specs.format(specs=specs)}"]
    if not plan.impact:
        lines.append(f"- {words.affected_code_open}")
    if plan.related:
        lines.append(f"- {words.related.format(places=', '.join(f'`{place}`' for place in plan.related))}")
    return lines


def design(plan: Plan, habits: Habits) -> bytes | None:
    """The design somebody wrote; None where nobody did."""
    if not any(line.strip() for line in plan.design):
        return None
    has_heading = any(line.startswith("#") for line in plan.design)
    return _bytes([plan.design] if has_heading else [["## Decisions"], plan.design], habits)


def tasks(plan: Plan, habits: Habits) -> bytes:
    """The tasks somebody wrote, or one to build and one to test each requirement."""
    if any(line.strip() for line in plan.tasks):
        return _bytes([_with_boxes(plan.tasks, habits)], habits)
    words = wording(habits.prose)
    requirements = [r for d in plan.deltas for r in d.requirements]
    build = [words.answer_task] if plan.gaps else []
    build += [words.build_task.format(name=r.name) for r in requirements] or [plan.title]
    groups = [(words.group, build)]
    if requirements:
        groups.append((words.verification, [words.test_task.format(name=r.name) for r in requirements]))
    blocks: list[Sequence[str]] = []
    for number, (title, listed) in enumerate(groups, 1):
        blocks.append([f"## {number}. {title}" if habits.numbered_groups else f"## {title}"])
        blocks.append(
            [
                f"{habits.task_bullet} [ ] " + (f"{number}.{index} " if habits.numbered_tasks else "") + task
                for index, task in enumerate(listed, 1)
            ]
        )
    return _bytes(blocks, habits)


_ITEM = re.compile(r"(\s*)(?:[-*+]|\d{1,9}[.)])\s+(?=\S)")


def _with_boxes(lines: Sequence[str], habits: Habits) -> Sequence[str]:
    """Tasks as written; list items get a box where none has one, because OpenSpec counts boxes only."""
    if any(read_task(line) for line in lines):
        return lines
    return [
        _ITEM.sub(rf"\g<1>{habits.task_bullet} [ ] ", line, count=1) if _ITEM.match(line) else line for line in lines
    ]


def delta(planned: PlannedDelta, plan: Plan, habits: Habits) -> bytes:
    blocks: list[Sequence[str]] = []
    if planned.is_new:
        purpose = wording(habits.specs).purpose.format(capability=planned.capability, change=plan.name)
        blocks += [["## Purpose"], [purpose]]
    for title, modifies in (("ADDED", False), ("MODIFIED", True)):
        listed = [r for r in planned.requirements if r.modifies is modifies]
        if listed:
            blocks.append([f"## {title} Requirements"])
            for requirement in listed:
                blocks += _requirement(requirement, habits)
    blocks += planned.literal
    return _bytes(blocks, habits)


def _requirement(requirement: PlannedRequirement, habits: Habits) -> Iterator[Sequence[str]]:
    yield from _headed(f"### Requirement: {requirement.name}", requirement.statement, habits)
    for scenario in requirement.scenarios:
        yield from _headed(f"#### Scenario: {scenario.name}", _steps(scenario, habits), habits)


def _headed(header: str, body: Sequence[str], habits: Habits) -> Iterator[Sequence[str]]:
    if habits.blank_after_headers:
        yield [header]
        yield body
    else:
        yield [header, *body]


def _steps(scenario: PlannedScenario, habits: Habits) -> Sequence[str]:
    if scenario.lines:
        return scenario.lines
    return [
        habits.step.format(word=word if habits.capital_steps else _CASED[word]) + text for word, text in scenario.steps
    ]


def _bytes(blocks: Sequence[Sequence[str]], habits: Habits) -> bytes:
    """Blocks of lines with one blank line between them, and a line end at the end."""
    texts = ["\n".join(block).strip("\n") for block in blocks]
    return ("\n\n".join(text for text in texts if text.strip()) + "\n").replace("\n", habits.newline).encode("utf-8")
