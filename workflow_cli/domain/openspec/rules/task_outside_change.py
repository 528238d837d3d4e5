"""Tasks about a spec that the change does not touch."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.rule import ChangeSubject, Precision, Rule, Scope
from workflow_cli.domain.openspec.rules.capability_paths import capability_paths, is_known
from workflow_cli.domain.openspec.tasks import read_task

_WRITES = re.compile(
    r"\b(?:update|modify|change|edit|add|extend|write|create|revise|rewrite|amend|delta)\b|更新|修改|添加|обнов|измен|actualiz|modific",
    re.I,
)
_READS = re.compile(r"\b(?:from|delta|see|read|review|verify|check|against|per|follow|refer|compare|unchanged)\b", re.I)


def check(subject: ChangeSubject) -> Iterator[Finding]:
    change = subject.change
    own = frozenset(id for id, _ in change.delta_documents)
    if not own:
        return
    for _, document in change.task_documents:
        for path in capability_paths(document):
            line = document.lines[path.line]
            task = read_task(line, path.line)
            if task is None or is_known(path.id, (own,)) or not is_known(path.id, (subject.tree.capabilities,)):
                continue
            if not _WRITES.search(task.description) or _READS.search(task.description):
                continue
            yield builtin(
                RULE.id,
                RULE.level,
                Place(file=document.file, line=path.line + 1, column=path.column + 1),
                f'this task writes to "{path.id}", for which the change has no delta',
                hint=f"Put what is to change into specs/{path.id}/spec.md of the change; archiving then updates the "
                f"spec.",
            )


_SPEC = (
    "==> specs/mail-alerts/spec.md <==\n"
    "# mail-alerts\n\n## Purpose\nTell people about failed checks by mail, at once.\n\n## Requirements\n\n"
    "### Requirement: Mail\nThe monitor SHALL send a mail for each alert.\n\n"
    "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n"
)
_DELTA = (
    "==> changes/add-sms/specs/text-alerts/spec.md <==\n"
    "## ADDED Requirements\n\n### Requirement: Text message\nThe monitor SHALL send a text message for each alert.\n\n"
    "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a text message is sent\n"
)

RULE = Rule(
    id="task-outside-change",
    title="A task about a spec the change does not touch",
    level=Level.WARNING,
    scope=Scope.CHANGE,
    reason=(
        "Specs change through deltas. A task that writes to a spec for which there is no delta goes around the review "
        "of the change, or shows that a delta was forgotten."
    ),
    bad=(
        f"{_SPEC}{_DELTA}"
        "==> changes/add-sms/tasks.md <==\n- [ ] 1.1 Send the text message\n- [ ] 1.2 Update "
        "`openspec/specs/mail-alerts/spec.md`\n"
    ),
    good=(
        f"{_SPEC}{_DELTA}"
        "==> changes/add-sms/tasks.md <==\n- [ ] 1.1 Send the text message\n- [ ] 1.2 Update "
        "`specs/text-alerts/spec.md`\n"
    ),
    check=check,
    precision=Precision(agreed=6, labelled=6, source="tests/data/rule-labels.jsonl"),
)
