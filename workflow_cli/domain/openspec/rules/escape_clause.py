"""Clauses through which a builder can leave."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import report_words

_WORDS = any_of(
    "(?:as|if|where|when|whenever|wherever) (?:appropriate|necessary|possible|practical|practicable|"
    "feasible|reasonable|suitable|applicable|relevant|useful|desired)",
    "(?:as|if|where|when|whenever) needed",
    "as far as (?:possible|practical)",
    "to the extent (?:possible|practical|feasible)",
    "etc",
    "and so (?:on|forth)",
    "or (?:similar|something similar|the like)",
    "and (?:the like|similar)",
    "but (?:is |are )?not limited to",
    "among others",
    "or so",
    "at (?:its|their) discretion",
)
_SAID_WHICH = re.compile(r"\s*(?:\(|to\b|for\b|by\b|:)", re.I)


def _says_which(sentence: Passage, match: re.Match[str]) -> bool:
    """`As needed to reach X` and `where applicable (A and B)` tell what decides."""
    return not match[0].lower().startswith("etc") and _SAID_WHICH.match(sentence.text, match.end()) is not None


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" lets everybody decide for themselves what is meant',
        hint="Name the cases in which it applies, or the whole list.",
        excuse=_says_which,
    )


RULE = Rule(
    id="escape-clause",
    title="An escape clause",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=(
        "An escape clause or an open list hands the decision to whoever builds or tests, and two people will "
        "decide differently."
    ),
    bad=(
        "### Requirement: Retry\n"
        "The client SHALL retry requests if possible.\n"
        "\n"
        "#### Scenario: Retry\n"
        "- **WHEN** a request times out\n"
        "- **THEN** it is sent again\n"
    ),
    good=(
        "### Requirement: Retry\n"
        "The client SHALL retry a request that timed out, three times.\n"
        "\n"
        "#### Scenario: Retry\n"
        "- **WHEN** a request times out\n"
        "- **THEN** it is sent again\n"
    ),
    check=check,
    precision=Precision(agreed=24, labelled=30, source="tests/data/rule-labels.jsonl"),
)
