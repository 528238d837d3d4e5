"""What a format may say of the built-in rules."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_cli.cli.formats.rendering import RuleNote


def rule_notes() -> Mapping[str, RuleNote]:
    from workflow_cli.domain.openspec.rules.catalogue import RULES

    return {
        rule.id: RuleNote(title=rule.title, level=rule.level, reason=rule.reason, page=f"reference/rules/{rule.id}.md")
        for rule in RULES
    }
