"""`and/or`, which says both."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.requirement_prose import read_prose
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import report_words

_WORDS = any_of(
    r"and\s*/\s*or",
)


def check(subject: RequirementSubject) -> Iterator[Finding]:
    if "/" not in read_prose(subject).english_text:
        return iter(())
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" does not say whether one is enough or both are needed',
        hint='Write "A, B or both" or split the cases into scenarios.',
    )


RULE = Rule(
    id="and-or",
    title="and/or",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=("`A and/or B` allows three outcomes; the reader cannot tell which of them a test has to accept."),
    bad=(
        "### Requirement: Alert\n"
        "The monitor SHALL send mail and/or a text message.\n"
        "\n"
        "#### Scenario: Alert\n"
        "- **WHEN** a check fails\n"
        "- **THEN** the owner is told\n"
    ),
    good=(
        "### Requirement: Alert\n"
        "The monitor SHALL send mail, and a text message where a number is stored.\n"
        "\n"
        "#### Scenario: Alert\n"
        "- **WHEN** a check fails\n"
        "- **THEN** the owner is told\n"
    ),
    check=check,
    precision=Precision(agreed=1, labelled=1, source="tests/data/rule-labels.jsonl"),
)
