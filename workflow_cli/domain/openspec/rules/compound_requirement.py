"""One sentence that binds to two behaviours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.requirement_prose import read_prose
from workflow_cli.domain.openspec.rules.words import place_of

# Only a new subject or a full second verb phrase makes a second requirement; "and SHALL NOT" completes the first.
_JOINED = re.compile(
    r"\b(?:SHALL|MUST)\b.{12,}?(?<![\w-])(?P<second>and\s+(?:also\s+)?(?:SHALL|MUST)\b(?!\s+(?:NOT|not|never)\b))", re.S
)


def check(subject: RequirementSubject) -> Iterator[Finding]:
    for passage in read_prose(subject).statement:
        for sentence in passage.sentences():
            if match := _JOINED.search(sentence.text):
                yield builtin(
                    RULE.id,
                    RULE.level,
                    place_of(subject.document, sentence, match.start("second")),
                    "one sentence binds to two behaviours",
                    hint="Make it two sentences, or two requirements if they can hold one without the other.",
                )


RULE = Rule(
    id="compound-requirement",
    title="Two requirements in one sentence",
    level=Level.INFO,
    scope=Scope.REQUIREMENT,
    reason=(
        "A sentence with two SHALLs can be half fulfilled, and then neither a test nor a task can say whether it is "
        'done. "and SHALL NOT" is left alone: it mostly fences in the same behaviour.'
    ),
    bad=(
        "### Requirement: Sign-up\n"
        "The server SHALL store the address of a new person and SHALL send a message to the owner.\n\n"
        "#### Scenario: New person\n"
        "- **WHEN** a person signs up\n"
        "- **THEN** the address is stored\n"
    ),
    good=(
        "### Requirement: Sign-up\n"
        "The server SHALL store the address of a new person. It SHALL send a message to the owner.\n\n"
        "#### Scenario: New person\n"
        "- **WHEN** a person signs up\n"
        "- **THEN** the address is stored\n"
    ),
    check=check,
    precision=Precision(agreed=24, labelled=30, source="tests/data/rule-labels.jsonl"),
)
