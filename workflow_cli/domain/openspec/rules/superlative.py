"""Superlatives that no test can decide."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import before, last_of, report_words

_WORDS = any_of(
    "best",
    "fastest",
    "quickest",
    "easiest",
    "simplest",
    "cleanest",
    "smoothest",
    "safest",
    "optimal",
    "optimally",
    "optimum",
    "most (?:efficient|appropriate|suitable|important|useful|intuitive|reliable|convenient|"
    "meaningful|effective|natural|sensible)(?:ly)?",
    "as (?:fast|quick|quickly|soon|much|many|little|few|simple|simply|easy|easily|small|short|clear|"
    "clearly|close|closely) as (?:is )?possible",
)
_TERM = re.compile(r"\s+(?:effort|match|matches|matching|practices?|guess|fit)\b", re.I)
_NAMED_BY = re.compile(r"\b(?:by|ranked|sorted|score|scored|measured)\b", re.I)


def _is_defined(sentence: Passage, match: re.Match[str]) -> bool:
    if before(sentence, match).rstrip().endswith("("):
        return True  # an aside
    return _TERM.match(sentence.text, match.end()) is not None or last_of(_NAMED_BY, sentence.text) >= 0


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" names a summit, but not how to tell when it is reached',
        hint="Say what is compared with what, or give the number that is enough.",
        excuse=_is_defined,
    )


RULE = Rule(
    id="superlative",
    title="A superlative",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=(
        "`Best`, `fastest` or `as soon as possible` compare with everything and bind to nothing: whatever is "
        "built, something better can be imagined. Superlatives with a clear order, such as *latest* or "
        "*highest priority*, are left alone."
    ),
    bad=(
        "### Requirement: Search\n"
        "The search SHALL return the best results.\n"
        "\n"
        "#### Scenario: Search\n"
        "- **WHEN** a person searches\n"
        "- **THEN** results are listed\n"
    ),
    good=(
        "### Requirement: Search\n"
        "The search SHALL return the ten results with the highest score.\n"
        "\n"
        "#### Scenario: Search\n"
        "- **WHEN** a person searches\n"
        "- **THEN** ten results are listed\n"
    ),
    check=check,
)
