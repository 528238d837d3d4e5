"""Whether a draft needs a person's approval, and why."""

from __future__ import annotations

from workflow_cli.domain.review.draft import Draft
from workflow_cli.domain.review.meaning.catalogue import POLICY_RULES
from workflow_cli.domain.review.meaning.subject import Announced, Subject
from workflow_cli.domain.review.policy import Policy, Reason


def assess(
    draft: Draft,
    policy: Policy,
    *,
    announced: Announced | None = None,
    taken_back: frozenset[str] = frozenset(),
) -> tuple[Reason, ...]:
    """Every reason for which a person must approve the draft; none where it may be committed at once.

    `announced` names, by the path of their main spec, the requirements that a change being archived says it
    modifies, removes or renames: what happens to those was decided with the change. `taken_back` are deltas whose wording is not compared.
    """
    subject = Subject(draft, policy, announced or {}, taken_back)
    found = (reason for rule in POLICY_RULES if rule.id not in policy.off for reason in rule.check(subject))
    return tuple(dict.fromkeys(found))
