"""Passive voice that hides who acts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import last_of, report_words

_WORDS = any_of(
    r"(?:shall|must|will)(?: not)? be \w+(?:ed|en|wn|lt|pt|nt|ught|ept|ade|ung|ut|ead|ound|eld)",
)
_ACTOR = re.compile(r"\b(?:by|via|through|using)\b", re.I)


def _has_actor(sentence: Passage, match: re.Match[str]) -> bool:
    return last_of(_ACTOR, sentence.text) >= match.end()


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}": by whom?',
        hint="Name the part of the system that does it.",
        outcomes=False,
        excuse=_has_actor,
    )


RULE = Rule(
    id="passive-without-actor",
    title="Passive voice without an actor",
    level=Level.INFO,
    scope=Scope.REQUIREMENT,
    reason=(
        "Where several parts could act, a passive hides which one must. Off by default: in the published "
        "evidence passives do not go with worse requirements."
    ),
    bad=(
        "### Requirement: Backup\n"
        "Backups SHALL be encrypted.\n"
        "\n"
        "#### Scenario: Backup\n"
        "- **WHEN** a backup is made\n"
        "- **THEN** it is encrypted\n"
    ),
    good=(
        "### Requirement: Backup\n"
        "The backup job SHALL encrypt every backup.\n"
        "\n"
        "#### Scenario: Backup\n"
        "- **WHEN** a backup is made\n"
        "- **THEN** it is encrypted\n"
    ),
    check=check,
    on_by_default=False,
)
