"""Scenarios without a trigger or without an outcome."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.languages import language_of
from workflow_cli.domain.openspec.rules.steps import StepKind, kinds_present, steps

_COMPLETE = {StepKind.WHEN, StepKind.THEN}


def check(subject: RequirementSubject) -> Iterator[Finding]:
    for scenario in subject.requirement.scenarios:
        if scenario.is_empty:
            continue
        if {step.kind for step in steps(scenario.body)} >= _COMPLETE:
            continue
        kinds = kinds_present(scenario.body)
        # "GIVEN the text `a b` THEN there are two tokens" has its trigger in the GIVEN.
        missing = [kind for kind in (StepKind.WHEN, StepKind.THEN) if kind not in kinds]
        if StepKind.GIVEN in kinds and missing == [StepKind.WHEN]:
            continue
        if not missing or (not kinds and language_of(" ".join(scenario.body)) is None):
            continue
        what = " and no ".join(missing)
        yield builtin(
            RULE.id,
            RULE.level,
            subject.document.place(scenario.line),
            f'scenario "{scenario.name}" has no {what}',
            hint=_HINTS[missing[0]] if len(missing) == 1 else "Write what happens as WHEN and what follows as THEN.",
        )


_HINTS = {
    StepKind.WHEN: "Say in a WHEN step what sets it off.",
    StepKind.THEN: "Say in a THEN step what can be observed afterwards.",
}

RULE = Rule(
    id="incomplete-scenario",
    title="A scenario without WHEN or THEN",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=(
        "A scenario is a test in words: without a trigger it cannot be run, without an outcome it cannot fail. The "
        "keywords are understood in some twenty languages, bold or plain, in lists or in running text."
    ),
    bad=(
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
    ),
    good=(
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    ),
    check=check,
    precision=Precision(agreed=20, labelled=30, source="tests/data/rule-labels.jsonl"),
)
