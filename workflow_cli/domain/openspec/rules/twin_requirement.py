"""Requirement names of one capability that only a computer can tell apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.look import look, told_apart
from workflow_cli.domain.openspec.rule import DocumentInTree, KnownRequirement, Rule, Scope, TreeSummary


@lru_cache(maxsize=2)
def _by_look(tree: TreeSummary) -> dict[tuple[str, str], list[KnownRequirement]]:
    found: dict[tuple[str, str], list[KnownRequirement]] = defaultdict(list)
    for known in tree.requirements:
        found[known.capability, look(known.name)].append(known)
    return found


def check(subject: DocumentInTree) -> Iterator[Finding]:
    document = subject.subject
    if document.capability is None:
        return
    twins = _by_look(subject.tree)
    for requirement in document.requirements:
        for other in twins.get((document.capability, look(requirement.name)), ()):
            if other.name == requirement.name or other.change not in (None, document.change):
                continue
            if other.file == document.document.file and other.line > requirement.line:
                continue
            # A rename that only changes the look names both on purpose. One name may be the beginning of the other.
            elsewhere = document.document.text.replace(requirement.name, "")
            if other.file != document.document.file and other.name in elsewhere:
                continue
            yield builtin(
                RULE.id,
                RULE.level,
                document.document.place(requirement.line),
                f'"{requirement.name}" and "{other.name}" ({other.file}:{other.line}) look the same but are two names'
                + told_apart(requirement.name, other.name),
                hint="Use one spelling; if these are two requirements, give them names that differ.",
            )
            break


RULE = Rule(
    id="twin-requirement",
    title="Requirement names that look the same",
    level=Level.WARNING,
    scope=Scope.DOCUMENT_IN_TREE,
    reason=(
        "OpenSpec compares names character by character. Two that differ only in case, white space, in how an "
        "accented letter is composed, in a character that nobody sees or in a letter of another alphabet that looks "
        "the same are two requirements to it and one to every reader."
    ),
    bad=(
        "### Requirement: Mail delivery\nThe monitor SHALL send a mail for each alert.\n\n"
        "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n\n"
        "### Requirement: Mail Delivery\nThe monitor SHALL keep a copy for a year.\n\n"
        "#### Scenario: Copy\n- **WHEN** a mail is sent\n- **THEN** a copy is kept\n"
    ),
    good=(
        "### Requirement: Mail delivery\nThe monitor SHALL send a mail for each alert.\n\n"
        "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n\n"
        "### Requirement: Mail archive\nThe monitor SHALL keep a copy for a year.\n\n"
        "#### Scenario: Copy\n- **WHEN** a mail is sent\n- **THEN** a copy is kept\n"
    ),
    check=check,
)
