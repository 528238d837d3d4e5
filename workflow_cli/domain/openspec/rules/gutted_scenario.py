"""Scenarios that keep their name and lose their substance."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.rule import ChangeSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.kept_scenarios import modifications
from workflow_cli.domain.openspec.rules.steps import StepKind, has_kind


def check(subject: ChangeSubject) -> Iterator[Finding]:
    for change in modifications(subject):
        for current, incoming in change.kept:
            if has_kind(StepKind.THEN, incoming.body) or not has_kind(StepKind.THEN, current.body):
                continue
            what = "is empty now" if incoming.is_empty else "promises nothing any more: its THEN is gone"
            yield builtin(
                RULE.id,
                RULE.level,
                change.document.place(incoming.line),
                f'scenario "{incoming.name}" {what}',
                hint="Copy its steps back from the main spec, or remove the scenario openly.",
            )


_MAIN = (
    "==> specs/login/spec.md <==\n"
    "# login\n\n## Purpose\nLet people in who may come in, and nobody else at all.\n\n## Requirements\n\n"
    "### Requirement: Login\nThe server SHALL check passwords.\n\n"
    "#### Scenario: Wrong password\n- **WHEN** the password is wrong\n- **THEN** the answer is 401\n"
)
_DELTA = (
    "==> changes/slow-down/specs/login/spec.md <==\n"
    "## MODIFIED Requirements\n\n### Requirement: Login\nThe server SHALL check passwords within one second.\n\n"
    "#### Scenario: Wrong password\n"
)

RULE = Rule(
    id="gutted-scenario",
    title="A scenario that lost its outcome",
    level=Level.WARNING,
    scope=Scope.CHANGE,
    reason=(
        "OpenSpec compares scenarios by name when a requirement is modified. One that keeps its name and loses its "
        "THEN passes, and the promise is gone after archiving."
    ),
    bad=f"{_MAIN}{_DELTA}Unchanged.\n",
    good=f"{_MAIN}{_DELTA}- **WHEN** the password is wrong\n- **THEN** the answer is 401 within one second\n",
    check=check,
)
