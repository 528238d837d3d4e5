"""Two scenarios of one requirement under one name."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.look import look, told_apart
from workflow_cli.domain.openspec.requirement import Scenario, fold, requirement_name
from workflow_cli.domain.openspec.rule import RequirementSubject, Rule, Scope


def check(subject: RequirementSubject) -> Iterator[Finding]:
    first: dict[str, Scenario] = {}
    for scenario in subject.requirement.scenarios:
        key = look(requirement_name(scenario.name))
        if not key:
            continue
        if key in first and fold(scenario.name) != fold(first[key].name):
            yield builtin(
                RULE.id,
                RULE.level,
                subject.document.place(scenario.line),
                f'scenario "{scenario.name}" looks like the one on line {first[key].line + 1}, but is another name'
                + told_apart(scenario.name, first[key].name),
                hint="Use one spelling; if these are two scenarios, give them names that differ.",
            )
        elif key in first:
            yield builtin(
                RULE.id,
                RULE.level,
                subject.document.place(scenario.line),
                f'scenario "{scenario.name}" is there twice, first on line {first[key].line + 1}',
                hint="Give it a name that says what is different about it, or join the two.",
            )
        else:
            first[key] = scenario


RULE = Rule(
    id="duplicate-scenario",
    title="Two scenarios of the same name",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=(
        "Changes refer to scenarios by name: of two with one name, an edit or a comparison can mean either, and a "
        "lost one goes unnoticed. Of two that look the same, nobody can tell which one is meant."
    ),
    bad=(
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong five times\n"
        "- **THEN** the account is locked\n"
    ),
    good=(
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n\n"
        "#### Scenario: Wrong password five times\n"
        "- **WHEN** the password is wrong five times\n"
        "- **THEN** the account is locked\n"
    ),
    check=check,
)
