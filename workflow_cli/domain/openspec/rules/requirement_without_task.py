"""Requirements of a change that its tasks never mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.rule import ChangeSubject, DocumentKind, Precision, Rule, Scope
from workflow_cli.domain.openspec.rules.documents import change_documents
from workflow_cli.domain.openspec.rules.languages import language_of
from workflow_cli.domain.openspec.rules.vocabulary import vocabulary

_CODE = re.compile(r"`([^`\n]+)`")
#: A requirement counts as mentioned when this share of the words of its name occurs in the tasks.
_MENTIONED = 0.28
#: Or when one task shares this many words with its name and statement.
_SHARED = 3
#: Tasks that mention fewer of the requirements than this are about something else, or in other words.
_FOLLOWED = 0.6


def check(subject: ChangeSubject) -> Iterator[Finding]:
    change = subject.change
    tasks = "\n".join("\n".join(file.lines) for file in change.task_files)
    if not any(True for _ in change.tasks):
        return
    spoken = vocabulary(tasks)
    each = [vocabulary(task.description) for _, task in change.tasks]
    language = language_of(tasks)
    written = [
        (document, requirement)
        for document in change_documents(change)
        if document.kind is DocumentKind.DELTA
        for requirement in document.requirements
    ]
    missing = [(d, r) for d, r in written if not _is_mentioned(r, tasks, spoken, each)]
    if len(written) - len(missing) < _FOLLOWED * len(written):
        return
    for document, requirement in missing:
        if language_of(requirement.name + " " + requirement.text) != language:
            continue
        yield builtin(
            RULE.id,
            RULE.level,
            document.document.place(requirement.line),
            f'no task mentions requirement "{requirement.name}"',
            hint="Add a task that builds or tests it, or use its words in the task that does.",
            score=1 - _share_mentioned(requirement, spoken),
        )


def _is_mentioned(requirement: Requirement, tasks: str, spoken: frozenset[str], each: Sequence[frozenset[str]]) -> bool:
    name = vocabulary(requirement.name)
    if not name or (name & spoken and _share_mentioned(requirement, spoken) >= _MENTIONED):
        return True
    said = name | vocabulary(requirement.text)
    if any(len(said & task) >= _SHARED for task in each):
        return True
    return any(code in tasks for code in _CODE.findall(requirement.raw) if len(code) > 2)


def _share_mentioned(requirement: Requirement, spoken: frozenset[str]) -> float:
    name = vocabulary(requirement.name)
    return len(name & spoken) / len(name)


_PROPOSAL = "## Why\nPeople miss alerts.\n\n## What Changes\n- Alerts by mail.\n"
_DELTA = (
    "## ADDED Requirements\n\n"
    "### Requirement: Mail delivery\nThe monitor SHALL send a mail for each alert.\n\n"
    "#### Scenario: Alert\n- **WHEN** a check fails\n- **THEN** a mail is sent\n\n"
    "### Requirement: Quiet hours\nThe monitor SHALL hold mails back between 22:00 and 06:00.\n\n"
    "#### Scenario: Night\n- **WHEN** a check fails at 23:00\n- **THEN** the mail is sent at 06:00\n\n"
    "### Requirement: Mail footer\nThe monitor SHALL end each mail with the name of the check.\n\n"
    "#### Scenario: Footer\n- **WHEN** a mail is sent\n- **THEN** its last line is the name of the check\n"
)

RULE = Rule(
    id="requirement-without-task",
    title="A requirement no task mentions",
    level=Level.INFO,
    scope=Scope.CHANGE,
    reason=(
        "What no task mentions is easily not built, and nobody notices when the boxes are all ticked. The rule "
        "compares words, so it keeps quiet where the tasks speak another language or follow another plan. "
        "Off by default, because tasks mostly cover a requirement in other words."
    ),
    bad=(
        f"==> changes/add-mail/proposal.md <==\n{_PROPOSAL}"
        f"==> changes/add-mail/specs/mail-alerts/spec.md <==\n{_DELTA}"
        "==> changes/add-mail/tasks.md <==\n## 1. Mail\n- [ ] 1.1 Send a mail for each failed check\n- "
        "[ ] 1.2 Add the footer\n"
    ),
    good=(
        f"==> changes/add-mail/proposal.md <==\n{_PROPOSAL}"
        f"==> changes/add-mail/specs/mail-alerts/spec.md <==\n{_DELTA}"
        "==> changes/add-mail/tasks.md <==\n## 1. Mail\n- [ ] 1.1 Send a mail for each failed check\n- "
        "[ ] 1.2 Add the footer\n"
        "- [ ] 1.3 Hold mails back in quiet hours\n"
    ),
    check=check,
    precision=Precision(agreed=6, labelled=17, source="tests/data/rule-labels.jsonl"),
    on_by_default=False,
    least=1 - _MENTIONED,
    measure="the share of the words of its name that no task has",
)
