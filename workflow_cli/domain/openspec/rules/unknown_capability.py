"""Paths to capabilities that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.rule import DocumentInTree, DocumentKind, Rule, Scope, TreeSummary
from workflow_cli.domain.openspec.rules.capability_paths import capability_paths, is_known
from workflow_cli.domain.openspec.rules.word_set import word_set

#: How alike an existing id has to be to be suggested, of 100.
_NEAR = 70
# Specs about spec files are full of made-up paths; what stands in a step or after "such as" is an example.
_EXAMPLE = re.compile(
    r"\b(?:e\.g\.|such as|for example|example|like|WHEN|THEN|GIVEN|AND)\b|例|напр|ejemplo|removed?|delet|rename|archiv",
    re.I,
)
_PLACEHOLDERS = word_set(
    "capability capability-name capability-id cap name id foo bar baz example my-capability my-feature "
    "feature x y auth user-auth payments user billing archive changes"
)


@lru_cache(maxsize=2)
def _capabilities(tree: TreeSummary) -> frozenset[str]:
    """Those with a main spec and those that an open change brings."""
    return tree.capabilities | {known.capability for known in tree.requirements}


def check(subject: DocumentInTree) -> Iterator[Finding]:
    document, tree = subject.subject, subject.tree
    if document.kind in (DocumentKind.SPEC, DocumentKind.DELTA):
        wanted = False
    else:
        wanted = True
    groups = (_capabilities(tree), document.own_capabilities)
    for path in capability_paths(document.document):
        line = document.document.lines[path.line]
        if not wanted and not path.from_root:
            continue
        if is_known(path.id, groups) or path.id in _PLACEHOLDERS or _EXAMPLE.search(line):
            continue
        from rapidfuzz import process

        near = process.extractOne(path.id, sorted(groups[0] | groups[1]), score_cutoff=_NEAR)
        yield builtin(
            RULE.id,
            RULE.level,
            Place(file=document.document.file, line=path.line + 1, column=path.column + 1),
            f'there is no capability "{path.id}" in the specs or in an open change',
            hint=f'The nearest is "{near[0]}".' if near else "Correct the path, or add the spec it points at.",
        )


RULE = Rule(
    id="unknown-capability",
    title="A path to a capability that is not there",
    level=Level.WARNING,
    scope=Scope.DOCUMENT_IN_TREE,
    reason=(
        "Capabilities get renamed, merged and retired; what still points at the old path sends the reader nowhere, "
        "and a task that says to update it cannot be done."
    ),
    bad=(
        "==> specs/mail-alerts/spec.md <==\n"
        "# mail-alerts\n\n## Purpose\nTell people about failed checks by mail, at once.\n\n## Requirements\n\n"
        "### Requirement: Mail\nThe monitor SHALL send a mail for each alert.\n\n"
        "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"
        "==> changes/add-footer/proposal.md <==\n"
        "## Why\nPeople ask which check failed.\n\n## What Changes\n- Mails get a footer, see "
        "`openspec/specs/mail-alert/spec.md`.\n"
    ),
    good=(
        "==> specs/mail-alerts/spec.md <==\n"
        "# mail-alerts\n\n## Purpose\nTell people about failed checks by mail, at once.\n\n## Requirements\n\n"
        "### Requirement: Mail\nThe monitor SHALL send a mail for each alert.\n\n"
        "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"
        "==> changes/add-footer/proposal.md <==\n"
        "## Why\nPeople ask which check failed.\n\n## What Changes\n- Mails get a footer, see "
        "`openspec/specs/mail-alerts/spec.md`.\n"
    ),
    check=check,
)
