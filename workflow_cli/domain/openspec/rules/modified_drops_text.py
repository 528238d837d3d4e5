"""What a MODIFIED requirement leaves out although nobody said that it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.requirement import Requirement, Scenario
from workflow_cli.domain.openspec.rule import ChangeSubject, Precision, Rule, Scope
from workflow_cli.domain.openspec.rules.kept_scenarios import Modification, modifications
from workflow_cli.domain.openspec.rules.steps import StepKind, has_kind, steps
from workflow_cli.domain.openspec.rules.vocabulary import words

#: How alike a line of the new text has to be, of 100, to count as the old line in other words.
_REWORDED = 55
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*\Z")
_NOTE = re.compile(
    r"\s*(?:>\s*|[-*+]\s+)?(?:\*\*|__)?(?:Note|Notes|Warning|Important|Caution|Rationale|注意|注|Примечание|Nota)\b[^\n]*",
    re.I,
)


def check(subject: ChangeSubject) -> Iterator[Finding]:
    for change in modifications(subject):
        for current, incoming in change.kept:
            lost = _lost_steps(current, incoming)
            # Where no THEN is left, the whole scenario is gone, of which another rule speaks.
            if lost and (has_kind(StepKind.THEN, incoming.body) or not has_kind(StepKind.THEN, current.body)):
                yield _finding(change, incoming.line, f'scenario "{incoming.name}" loses {_told(lost)}')
        if rows := _lost_lines(change.current, change.incoming, _TABLE_ROW):
            yield _finding(change, change.incoming.line, f'"{change.incoming.name}" loses {_told(rows, "table row")}')
        if notes := _lost_lines(change.current, change.incoming, _NOTE):
            yield _finding(change, change.incoming.line, f'"{change.incoming.name}" loses {_told(notes, "note")}')


def _lost_steps(current: Scenario, incoming: Scenario) -> list[str]:
    """Steps of the old scenario of which the new one has no counterpart; none where it has as many steps as before."""
    before = [step.text for step in steps(current.body) if step.text]
    after = [step.text for step in steps(incoming.body) if step.text]
    if len(after) >= len(before):
        return []
    lost = [text for text in before if not _has_counterpart(text, after)]
    return lost[: len(before) - len(after)]


def _has_counterpart(text: str, among: Sequence[str]) -> bool:
    from rapidfuzz import fuzz, process

    spoken = " ".join(words(text))
    said = [" ".join(words(other)) for other in among]
    return process.extractOne(spoken, said, scorer=fuzz.token_set_ratio, score_cutoff=_REWORDED) is not None


def _lost_lines(current: Requirement, incoming: Requirement, kind: re.Pattern[str]) -> list[str]:
    def matching(requirement: Requirement) -> list[str]:
        shown = zip(requirement.lines[1:], requirement.mask[1:], strict=True)
        return [line.strip() for line, masked in shown if not masked and kind.match(line) and any(words(line))]

    if not (before := matching(current)):
        return []
    from rapidfuzz import fuzz, process

    kept = [" ".join(words(line)) for line in incoming.lines]
    return [
        line
        for line in before
        if not process.extractOne(" ".join(words(line)), kept, scorer=fuzz.ratio, score_cutoff=_REWORDED)
    ]


def _told(lost: Sequence[str], kind: str = "step") -> str:
    shown = lost[0] if len(lost[0]) <= 80 else lost[0][:79] + "…"
    return f'the {kind} "{shown}"' if len(lost) == 1 else f'{len(lost)} {kind}s, the first being "{shown}"'


def _finding(change: Modification, line: int, message: str) -> Finding:
    return builtin(
        RULE.id,
        RULE.level,
        change.document.place(line),
        message,
        hint="MODIFIED replaces the whole requirement: copy back what is to stay. If it is meant to go, leave it so.",
    )


_MAIN = (
    "==> specs/login/spec.md <==\n"
    "# login\n\n## Purpose\nLet people in who may come in, and nobody else at all.\n\n## Requirements\n\n"
    "### Requirement: Login\nThe server SHALL check passwords.\n\n"
    "#### Scenario: Wrong password\n- **WHEN** the password is wrong\n- **THEN** the answer is 401\n"
    "- **AND** the attempt is written to the audit log\n"
)
_DELTA = (
    "==> changes/slow-down/specs/login/spec.md <==\n"
    "## MODIFIED Requirements\n\n### Requirement: Login\nThe server SHALL check passwords within one second.\n\n"
    "#### Scenario: Wrong password\n- **WHEN** the password is wrong\n- **THEN** the answer is 401\n"
)

RULE = Rule(
    id="modified-drops-text",
    title="A MODIFIED requirement that drops steps, table rows or notes",
    level=Level.WARNING,
    scope=Scope.CHANGE,
    reason=(
        "MODIFIED replaces a requirement as a whole. OpenSpec notices when a scenario is lost, but not when a scenario "
        "keeps its name and loses a step, or when a table or a note is gone. A line that was reworded is not lost."
    ),
    bad=f"{_MAIN}{_DELTA}",
    good=f"{_MAIN}{_DELTA}- **AND** the attempt is written to the audit log with the address\n",
    check=check,
    precision=Precision(agreed=1, labelled=1, source="tests/data/rule-labels.jsonl"),
)
