"""Quantities and frequencies nobody can count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import before, report_words

_WORDS = any_of(
    "some",
    "several",
    "many",
    "few",
    "a few",
    "various",
    "numerous",
    "a number of",
    "a variety of",
    "a range of",
    "a couple of",
    "lots? of",
    "a lot of",
    "plenty of",
    "often",
    "usually",
    "typically",
    "generally",
    "sometimes",
    "occasionally",
    "frequently",
    "rarely",
    "periodically",
    "regularly",
    "roughly",
    "approximately",
)
_IDIOM = re.compile(
    r"\b(?:how|as|too|so|that|one\s+or|one\s+to|at\s+least|in|for|and|than|not|if|when|where|no)\s+\Z", re.I
)
_CONDITION = re.compile(r"\b(?:if|when|where|while|whether|even\s+if|because|since|unless)\b[^,;:]*\Z", re.I)
_COUNTED = re.compile(
    r"\s+(?:\W*\d|(?:of\s+(?:the|which|these|those|them)\b)|but\s+not\s+all|other\b|to\s+many\b)", re.I
)


def _is_no_quantity(sentence: Passage, match: re.Match[str]) -> bool:
    lead = before(sentence, match)
    if match[0][0].isupper() and lead.strip():
        return True  # a name, such as a menu entry
    if lead.rstrip().endswith("("):
        return True  # an aside
    return (
        _IDIOM.search(lead) is not None
        or _CONDITION.search(lead) is not None
        or _COUNTED.match(sentence.text, match.end()) is not None
    )


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" is no number',
        hint="Give the number, the limits, or name the things meant.",
        excuse=_is_no_quantity,
    )


RULE = Rule(
    id="vague-quantity",
    title="A vague quantity",
    level=Level.INFO,
    scope=Scope.REQUIREMENT,
    reason=("`Several` is three to one reader and twenty to the next; `usually` leaves out the case that matters."),
    bad=(
        "### Requirement: History\n"
        "The editor SHALL keep several versions.\n"
        "\n"
        "#### Scenario: History\n"
        "- **WHEN** a file is saved\n"
        "- **THEN** the version before is kept\n"
    ),
    good=(
        "### Requirement: History\n"
        "The editor SHALL keep the last 20 versions.\n"
        "\n"
        "#### Scenario: History\n"
        "- **WHEN** a file is saved\n"
        "- **THEN** the version before is kept\n"
    ),
    check=check,
    precision=Precision(agreed=5, labelled=6, source="tests/data/rule-labels.jsonl"),
)
