"""Sentences that begin with a pronoun."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import before, report_words

_WORDS = any_of(
    "it",
    "this",
    "they",
    "these",
    "those",
    "that",
)
_FOLLOWED_BY_VERB = re.compile(r"\s+(?:shall|must|will|should|is|are|has|have|does|do|can|may)\b", re.I)


def _is_inside(sentence: Passage, match: re.Match[str]) -> bool:
    """Only a pronoun that opens the sentence as its subject counts."""
    opens = not before(sentence, match).strip()
    return not opens or _FOLLOWED_BY_VERB.match(sentence.text, match.end()) is None


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" points back at something the reader has to guess',
        hint="Repeat the noun.",
        outcomes=False,
        excuse=_is_inside,
    )


RULE = Rule(
    id="vague-pronoun",
    title="A pronoun without a noun",
    level=Level.INFO,
    scope=Scope.REQUIREMENT,
    reason=(
        "A requirement is often read alone: in a search result, a task, a diff. Off by default, because "
        "readers mostly find the noun."
    ),
    bad=(
        "### Requirement: Lock\n"
        "The editor SHALL lock the file and the folder. It SHALL be released on exit.\n"
        "\n"
        "#### Scenario: Lock\n"
        "- **WHEN** the editor ends\n"
        "- **THEN** nothing is locked\n"
    ),
    good=(
        "### Requirement: Lock\n"
        "The editor SHALL lock the file and the folder. Both locks SHALL be released on exit.\n"
        "\n"
        "#### Scenario: Lock\n"
        "- **WHEN** the editor ends\n"
        "- **THEN** nothing is locked\n"
    ),
    check=check,
    on_by_default=False,
)
