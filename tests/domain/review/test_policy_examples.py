"""The examples on the page of the policy are true."""

from __future__ import annotations

import pytest

from workflow_cli.domain.review.assess import assess
from workflow_cli.domain.review.draft import Author, AuthorKind, FileChange, draft_of
from workflow_cli.domain.review.meaning.catalogue import POLICY_RULES
from workflow_cli.domain.review.policy import Policy

NEEDS = [(rule.id, example) for rule in POLICY_RULES for example in rule.needs if " → " in example]
NEEDS_NOT = [(rule.id, example) for rule in POLICY_RULES for example in rule.needs_not if " → " in example]


def spec(text: str) -> bytes:
    """A statement, or steps with semicolons between them."""
    statement, steps = "The shop SHALL hold.", "- **WHEN** it runs\n- **THEN** it holds"
    if text.startswith("THEN "):
        steps = "\n".join(["- **WHEN** it runs", *(f"- {step.strip()}" for step in text.split(";"))])
    else:
        statement = text
    return f"## Requirements\n\n### Requirement: A\n{statement}\n\n#### Scenario: B\n{steps}\n".encode()


def rules(example: str) -> set[str]:
    before, after = example.split(" → ")
    change = FileChange(path="openspec/specs/a/spec.md", before=spec(before), after=spec(after))
    draft = draft_of([change], author=Author(kind=AuthorKind.PERSON, name="Mara"))
    return {reason.rule for reason in assess(draft, Policy())}


@pytest.mark.parametrize(("rule", "example"), NEEDS)
def test_what_needs_an_approval_does(rule: str, example: str) -> None:
    """By the rule it stands under, and by no other."""
    assert rules(example) == {rule}


@pytest.mark.parametrize(("rule", "example"), NEEDS_NOT)
def test_what_needs_none_needs_none(rule: str, example: str) -> None:
    """By no rule at all."""
    assert rules(example) == set()
