"""The settings name the policy rules there are."""

from __future__ import annotations

from workflow_cli.domain.review.meaning.catalogue import POLICY_RULES
from workflow_cli.settings.keys import POLICY_RULE_IDS


def test_the_ids_in_the_settings_are_those_of_the_rules() -> None:
    """In the same order, so that pages made from either agree."""
    assert tuple(rule.id for rule in POLICY_RULES) == POLICY_RULE_IDS
