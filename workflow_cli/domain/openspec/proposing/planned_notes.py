"""Requirements from notes: names for those that have none, and a scenario where nobody wrote one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from workflow_cli.domain.openspec.fence import fence_mask
from workflow_cli.domain.openspec.proposing.notes import NotedRequirement, NotedScenario, step_of
from workflow_cli.domain.openspec.proposing.plan import PlannedRequirement, PlannedScenario
from workflow_cli.domain.openspec.proposing.statement import stand_in
from workflow_cli.domain.openspec.proposing.title import capitalized, has_word, one_line, sentence
from workflow_cli.domain.openspec.proposing.wording import Wording
from workflow_cli.domain.openspec.requirement import has_keyword, requirement_name, statement

_KEYWORD = re.compile(r"\b(?:SHALL|MUST)\b(?:\s+NOT\b)?", re.A)
_WORDS = 8
_LETTERS = 60


def planned(noted: NotedRequirement, title: str, wording: Wording) -> PlannedRequirement:
    """The requirement as it will stand: its own words, framed by a sentence with SHALL where they have none."""
    lines = _trimmed(noted.statement)
    name = requirement_name(one_line(noted.name)) if noted.name else _name(lines, noted.under or title)
    if not _states(lines):
        lines = [wording.frame, "", *lines] if lines else [wording.statement.format(title=sentence(name))]
    read = (_scenario(scenario, name, number) for number, scenario in enumerate(noted.scenarios, 1))
    scenarios = [scenario for scenario in read if scenario is not None]
    if not scenarios:
        scenarios = [stand_in(name, tuple(line for line in lines if line.strip()), wording)]
    return PlannedRequirement(name=name, statement=tuple(lines), scenarios=tuple(_named_apart(scenarios)))


def _states(lines: Sequence[str]) -> bool:
    return has_keyword(statement(lines, fence_mask(lines)))


def _name(lines: Sequence[str], otherwise: str) -> str:
    """The sentence's own words after SHALL, or its first ones."""
    said = next((line for line in lines if line.strip()), "")
    match = _KEYWORD.search(said)
    rest = said[match.end() :] if match else said
    words = one_line(rest).split(" ")
    name = sentence(" ".join(words[:_WORDS])).strip("*_")
    if len(name) > _LETTERS:
        name = name[:_LETTERS].rstrip() if " " not in name else sentence(name[:_LETTERS].rsplit(" ", 1)[0])
    if match and match[0].endswith("NOT"):
        name = f"NOT {name}"
    return requirement_name(capitalized(name if has_word(name) else sentence(one_line(otherwise))))


def _scenario(noted: NotedScenario, requirement: str, number: int) -> PlannedScenario | None:
    lines = _trimmed(noted.lines)
    if not lines:
        return None
    name = requirement_name(one_line(noted.name)) if noted.name else _scenario_name(lines, requirement, number)
    steps = [step_of(line) for line in lines if line.strip()]
    if all(steps):
        return PlannedScenario(name=name, steps=tuple(s for s in steps if s))
    return PlannedScenario(name=name, lines=tuple(lines))


def _scenario_name(lines: Sequence[str], requirement: str, number: int) -> str:
    """The words of its WHEN; the requirement's name where they are too many."""
    for line in lines:
        match = re.match(r"\s*(?:[-*+]\s+)?(?:\*\*|__)?(?:WHEN|When):?(?:\*\*|__)?:?[\s,]+(\S.*)", line)
        if match and len(one_line(match[1])) <= _LETTERS and has_word(match[1]):
            return requirement_name(capitalized(sentence(one_line(match[1]))))
    return f"{requirement} {number}" if number > 1 else requirement


def _named_apart(scenarios: Sequence[PlannedScenario]) -> list[PlannedScenario]:
    seen: dict[str, int] = {}
    found = []
    for scenario in scenarios:
        seen[scenario.name] = seen.get(scenario.name, 0) + 1
        number = seen[scenario.name]
        found.append(scenario if number == 1 else replace(scenario, name=f"{scenario.name} ({number})"))
    return found


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Without blank lines at either end."""
    written = [i for i, line in enumerate(lines) if line.strip()]
    return [line.rstrip() for line in lines[written[0] : written[-1] + 1]] if written else []
