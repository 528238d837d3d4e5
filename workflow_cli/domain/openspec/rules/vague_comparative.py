"""Comparisons that name neither a number nor the other side."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import before, last_of, report_words

_WORDS = any_of(
    "better",
    "faster",
    "slower",
    "quicker",
    "easier",
    "simpler",
    "cleaner",
    "smoother",
    "safer",
    "clearer",
    "friendlier",
    "smarter",
    "(?:more|less) (?:efficient|reliable|readable|accurate|robust|secure|flexible|intuitive|"
    "consistent|responsive|detailed|specific|helpful|useful|meaningful|predictable|maintainable|"
    "scalable|complex|concise)(?:ly)?",
)
_MEASURED = re.compile(r"\bthan\b|\bversus\b|\bcompared\b|\d")


def _is_measured(sentence: Passage, match: re.Match[str]) -> bool:
    if before(sentence, match).rstrip().endswith("("):
        return True  # an aside
    return last_of(_MEASURED, sentence.text) >= 0


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" than what, and by how much?',
        hint="Give a number and unit, or name what it is compared with.",
        excuse=_is_measured,
    )


RULE = Rule(
    id="vague-comparative",
    title="A comparison without a measure",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=("A comparison needs the other side or a measure. Without either, every result passes."),
    bad=(
        "### Requirement: Loading\n"
        "The page SHALL load faster.\n"
        "\n"
        "#### Scenario: Loading\n"
        "- **WHEN** a person opens the page\n"
        "- **THEN** it is shown\n"
    ),
    good=(
        "### Requirement: Loading\n"
        "The page SHALL load within 2 seconds.\n"
        "\n"
        "#### Scenario: Loading\n"
        "- **WHEN** a person opens the page\n"
        "- **THEN** it is shown within 2 seconds\n"
    ),
    check=check,
    precision=Precision(agreed=4, labelled=4, source="tests/data/rule-labels.jsonl"),
)
