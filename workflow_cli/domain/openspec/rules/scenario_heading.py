"""Scenarios that OpenSpec does not see, because their heading is none or at the wrong level."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.rule import DocumentKind, DocumentSubject, Rule, Scope

_WORD = r"(?:Scenario|场景|場景|情景|シナリオ|시나리오|Сценарий|Сценарій|Escenario|Cenário|Scénario|Szenario)"
_HEADING = re.compile(rf" {{0,3}}(#{{1,3}}|#{{5,6}})\s+{_WORD}\s*\d*\s*[:：]", re.I)
_TOO_CLOSE = re.compile(rf" {{0,3}}####{_WORD}\s*\d*\s*[:：]", re.I)
_INDENTED = re.compile(rf" {{1,3}}####\s+{_WORD}\s*\d*\s*[:：]", re.I)
_BOLD = re.compile(rf"\s*(?:[-*+]\s+)?(?:\*\*|__){_WORD}\b\s*\d*\s*(?:[:：]|(?:\*\*|__)\s*[:：])", re.I)

# Anything but a heading in its right place, to look closer at few lines only.
_CANDIDATE = re.compile(rf"(?!####\s)\s*(?:[-*+]\s+)?(?:#{{1,6}}\s*|\*\*|__){_WORD}", re.I)


def check(subject: DocumentSubject) -> Iterator[Finding]:
    if subject.kind not in (DocumentKind.SPEC, DocumentKind.DELTA):
        return
    mask = subject.document.commonmark_mask
    for index, line in enumerate(subject.document.lines):
        if not _CANDIDATE.match(line) or mask[index] or not (message := _fault(line)):
            continue
        yield builtin(
            RULE.id,
            RULE.level,
            Place(file=subject.document.file, line=index + 1, column=len(line) - len(line.lstrip()) + 1),
            message,
            hint="Write it as a level-4 heading in the first column: `#### Scenario: name`.",
        )


def _fault(line: str) -> str | None:
    if match := _HEADING.match(line):
        return f"a scenario at heading level {len(match[1])} is not seen as one; it has to be level 4"
    if _BOLD.match(line):
        return "a scenario in bold text is not seen as one; it has to be a heading"
    if _TOO_CLOSE.match(line):
        return "without a space after `####` this is no heading, so the scenario is not seen"
    if _INDENTED.match(line):
        return "an indented heading is not read, so the scenario is not seen"
    return None


RULE = Rule(
    id="scenario-heading",
    title="A scenario that is not seen as one",
    level=Level.WARNING,
    scope=Scope.DOCUMENT,
    reason=(
        "OpenSpec knows scenarios by their level-4 headings alone. Bold text or another level looks right to a person "
        "and is passed over by every check and by archiving."
    ),
    bad=(
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n\n"
        "**Scenario: Wrong password**\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    ),
    good=(
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    ),
    check=check,
)
