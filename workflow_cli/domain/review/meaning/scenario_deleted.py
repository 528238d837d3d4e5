"""A scenario goes, or is left empty."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.requirement import Scenario
from workflow_cli.domain.openspec.text import trim
from workflow_cli.domain.review.meaning.comparison import block_likeness
from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.sentences import said
from workflow_cli.domain.review.meaning.subject import ComparedFile, Subject
from workflow_cli.domain.review.policy import Reason

_ID = "scenario-deleted"


def check(subject: Subject) -> Iterator[Reason]:
    for file, pair in subject.pairs:
        name = pair.before.name
        for scenario in pair.lost_scenarios:
            if not _is_empty(scenario) and not _moved(scenario, file):
                yield _reason(file, scenario, f'scenario "{scenario.name}" of requirement "{name}" is deleted')
        for before, after in pair.scenarios:
            if _is_empty(after) and not _is_empty(before):
                yield _reason(file, before, f'scenario "{before.name}" of requirement "{name}" is left empty')


def _reason(file: ComparedFile, scenario: Scenario, message: str) -> Reason:
    return Reason(rule=_ID, path=file.path, line=scenario.line + 1, message=message)


def _is_empty(scenario: Scenario) -> bool:
    return not any(trim(line) for line in said(scenario.body))


def _moved(scenario: Scenario, file: ComparedFile) -> bool:
    """Whether a requirement of the same file now has it, to the word."""
    requirements = [pair.after for pair in file.comparison.pairs] + list(file.comparison.gained)
    return any(
        other.name == scenario.name and block_likeness(scenario.body, other.body) == 1.0
        for requirement in requirements
        for other in requirement.scenarios
    )


RULE = PolicyRule(
    id=_ID,
    title="A scenario is deleted",
    why="What no scenario shows, no test checks.",
    check=check,
    needs=("A scenario is taken out.", "All steps of a scenario are taken out or commented out."),
    needs_not=("A scenario gets another name.", "A scenario moves to another requirement as it is."),
)
