"""Two words and a slash."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import report_words

_WORDS = any_of(
    "[a-z]{3,}/[a-z]{3,}(?:/[a-z]{3,})*",
)
_FIXED = re.compile(
    r"and/or|read/write|input/output|client/server|true/false|yes/no|on/off|pass/fail|success/failure|start/stop|"
    r"before/after|stdin/stdout|stdout/stderr|request/response|key/value|get/set",
    re.I,
)


def _is_fixed(sentence: Passage, match: re.Match[str]) -> bool:
    around = sentence.text[max(match.start() - 1, 0) : match.end() + 1]
    return _FIXED.fullmatch(match[0]) is not None or "." in around or "/" in around.replace(match[0], "")


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" does not say whether one, both or either is meant',
        hint='Write "and" or "or".',
        excuse=_is_fixed,
    )


RULE = Rule(
    id="slash-alternative",
    title="Alternatives joined by a slash",
    level=Level.INFO,
    scope=Scope.REQUIREMENT,
    reason=(
        "A slash can mean *and*, *or*, *per* or *also called*. Off by default, because in technical prose it "
        "is often a fixed pair."
    ),
    bad=(
        "### Requirement: Rows\n"
        "The table SHALL let a person add/remove rows.\n"
        "\n"
        "#### Scenario: Rows\n"
        "- **WHEN** a person presses the button\n"
        "- **THEN** the rows change\n"
    ),
    good=(
        "### Requirement: Rows\n"
        "The table SHALL let a person add and remove rows.\n"
        "\n"
        "#### Scenario: Rows\n"
        "- **WHEN** a person presses the button\n"
        "- **THEN** the rows change\n"
    ),
    check=check,
    on_by_default=False,
)
