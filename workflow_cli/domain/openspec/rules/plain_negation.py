"""SHALL NOT on its own."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import report_words

_WORDS = any_of(
    "(?:shall|must) not",
)


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" says what does not happen, not what happens instead',
        hint="Add what happens instead.",
        outcomes=False,
    )


RULE = Rule(
    id="plain-negation",
    title="A requirement that only forbids",
    level=Level.INFO,
    scope=Scope.REQUIREMENT,
    reason=(
        "A ban can be kept by doing nothing. Off by default: in the published evidence plain negations do not "
        "go with worse requirements."
    ),
    bad=(
        "### Requirement: Writes\n"
        "The viewer SHALL NOT write to the file.\n"
        "\n"
        "#### Scenario: Writes\n"
        "- **WHEN** a person types\n"
        "- **THEN** the file stays as it is\n"
    ),
    good=(
        "### Requirement: Writes\n"
        "The viewer SHALL open files read-only.\n"
        "\n"
        "#### Scenario: Writes\n"
        "- **WHEN** a person types\n"
        "- **THEN** the file stays as it is\n"
    ),
    check=check,
    on_by_default=False,
)
