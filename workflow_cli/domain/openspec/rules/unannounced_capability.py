"""Deltas for capabilities the proposal never speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.rule import ChangeSubject, Precision, Rule, Scope
from workflow_cli.domain.openspec.rules.capability_mentions import announced
from workflow_cli.domain.openspec.rules.vocabulary import stem, words


def check(subject: ChangeSubject) -> Iterator[Finding]:
    change = subject.change
    # A proposal that announces no capability at all has another form, and says nothing by leaving one out.
    if change.proposal is None or not announced(change.proposal):
        return
    lines: list[set[str]] = []
    for id, document in change.delta_documents:
        last = id.rsplit("/", 1)[-1]
        if last.isascii() and f"`{last}`" in change.proposal.document.text:
            continue  # most proposals do, which saves taking every line to pieces
        # "Removes the legacy format" names `legacy-removal` well enough.
        name = _stems(last)
        lines = lines or [_stems(line) for line in change.proposal.document.lines]
        if not any(name <= line for line in lines):
            yield builtin(
                RULE.id,
                RULE.level,
                document.place(0),
                f'the change has a delta for "{id}", which the proposal never names',
                hint="Name the capability in the proposal, or move the delta to a change of its own.",
            )


def _stems(text: str) -> set[str]:
    return {stem(word) for word in words(text)}


RULE = Rule(
    id="unannounced-capability",
    title="A delta the proposal never names",
    level=Level.WARNING,
    scope=Scope.CHANGE,
    reason=(
        "Who reads the proposal agrees to what it lists. A delta for a capability it does not name slips in unseen."
    ),
    bad=(
        "==> changes/add-mail/proposal.md <==\n"
        "## Why\nPeople miss alerts.\n\n## What Changes\n- Alerts go out by mail.\n\n"
        "## Capabilities\n\n### New Capabilities\n- `mail-alerts`: alerts by mail\n"
        "==> changes/add-mail/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n\n### Requirement: Mail\nThe monitor SHALL send a mail for each alert.\n\n"
        "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"
        "==> changes/add-mail/specs/billing/spec.md <==\n"
        "## ADDED Requirements\n\n### Requirement: Price\nThe shop SHALL bill each mail.\n\n"
        "#### Scenario: Bill\n- **WHEN** a mail is sent\n- **THEN** it is billed\n"
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
    precision=Precision(agreed=2, labelled=2, source="tests/data/rule-labels.jsonl"),
)
