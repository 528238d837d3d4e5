"""All policy rules, in the order in which their reasons are given."""

from __future__ import annotations

from workflow_cli.domain.review.meaning import (
    capability_retired,
    exception_added,
    keyword_weakened,
    loop_proposed,
    model_written,
    negation_changed,
    number_changed,
    outcome_deleted,
    policy_changed,
    protected_path,
    requirement_deleted,
    scenario_deleted,
)
from workflow_cli.domain.review.meaning.rule import PolicyRule

POLICY_RULES: tuple[PolicyRule, ...] = (
    model_written.RULE,
    loop_proposed.RULE,
    capability_retired.RULE,
    requirement_deleted.RULE,
    scenario_deleted.RULE,
    outcome_deleted.RULE,
    keyword_weakened.RULE,
    negation_changed.RULE,
    exception_added.RULE,
    number_changed.RULE,
    protected_path.RULE,
    policy_changed.RULE,
)
