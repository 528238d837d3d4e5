"""Capabilities a proposal announces and no delta carries out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.rule import ChangeSubject, Precision, Rule, Scope
from workflow_cli.domain.openspec.rules.capability_mentions import announced

_COMPOSED = re.compile(r"[-_/]")


def check(subject: ChangeSubject) -> Iterator[Finding]:
    change = subject.change
    own = {id for id, _ in change.delta_documents}
    # Before the first delta is written, OpenSpec says already that deltas are missing.
    if change.proposal is None or not own:
        return
    tails = {id.rsplit("/", 1)[-1] for id in own}
    seen: set[str] = set()
    for mention in announced(change.proposal):
        if mention.id in own or mention.id in tails or mention.id in seen:
            continue
        # A single word may be a function or an option that the proposal lists under this heading.
        if not _COMPOSED.search(mention.id) and mention.id not in subject.tree.capabilities:
            continue
        seen.add(mention.id)
        yield builtin(
            RULE.id,
            RULE.level,
            Place(file=change.proposal.document.file, line=mention.line + 1, column=mention.column + 1),
            f'the proposal announces capability "{mention.id}", but the change has no delta for it',
            hint=f"Write specs/{mention.id}/spec.md in the change, or take the capability out of the proposal.",
        )


RULE = Rule(
    id="capability-without-delta",
    title="A capability announced without a delta",
    level=Level.WARNING,
    scope=Scope.CHANGE,
    reason=(
        "The proposal is what people agree to, the deltas are what archiving carries out. A capability that is only in "
        "the proposal will have been agreed to and never specified."
    ),
    bad=(
        "==> changes/add-mail/proposal.md <==\n"
        "## Why\nPeople miss alerts.\n\n## What Changes\n- Alerts go out by mail.\n\n"
        "## Capabilities\n\n### New Capabilities\n- `mail-alerts`: alerts by mail\n- `mail-templates`: their texts\n"
        "==> changes/add-mail/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n\n### Requirement: Mail\nThe monitor SHALL send a mail for each alert.\n\n"
        "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"
    ),
    good=(
        "==> changes/add-mail/proposal.md <==\n"
        "## Why\nPeople miss alerts.\n\n## What Changes\n- Alerts go out by mail.\n\n"
        "## Capabilities\n\n### New Capabilities\n- `mail-alerts`: alerts by mail\n"
        "==> changes/add-mail/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n\n### Requirement: Mail\nThe monitor SHALL send a mail for each alert.\n\n"
        "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"
    ),
    check=check,
    precision=Precision(agreed=28, labelled=29, source="tests/data/rule-labels.jsonl"),
)
