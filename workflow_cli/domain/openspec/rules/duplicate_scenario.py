"""Two scenarios of one requirement under one name."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.domain.openspec.rule import RequirementSubject, Rule, Scope


def check(subject: RequirementSubject) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for scenario in subject.requirement.scenarios:
        key = fold(scenario.name)
        if not key:
            continue
        if key in first:
            yield builtin(
                RULE.id,
                RULE.level,
                subject.document.place(scenario.line),
                f'scenario "{scenario.name}" is there twice, first on line {first[key] + 1}',
                hint="Give it a name that says what is different about it, or join the two.",
            )
        else:
            first[key] = scenario.line


RULE = Rule(
    id="duplicate-scenario",
    title="Two scenarios of the same name",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=(
        "Changes refer to scenarios by name: of two with one name, an edit or a comparison can mean either, and a "
        "lost one goes unnoticed."
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
