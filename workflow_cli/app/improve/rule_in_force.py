"""The rule that an experiment is registered with: that of the policy, as its design and what it turns demand."""

from __future__ import annotations

from dataclasses import replace

from workflow_cli.app.improve.context import Context
from workflow_cli.domain.improvement.experiment import AT_ONCE, Design
from workflow_cli.domain.improvement.knobs import MODEL_OF_KIND
from workflow_cli.domain.improvement.rule import Rule, way_back
from workflow_cli.domain.improvement.setting_values import Settings

_SHOWN = 0.25


def rule_for(context: Context, changes: Settings, design: Design) -> Rule:
    """The rule in force, and a stricter one for what takes back something that was kept."""
    rule = context.policy.rule
    if design in AT_ONCE:
        rule = replace(rule, evidence="sign")
    if design is Design.DOCUMENTS:
        # What a repair does to a document is no sample of anything: it does so always.
        rule = replace(rule, least_pairs=context.policy.least_screen)
    if design is Design.RECALL:
        rule = replace(rule, most_pairs=context.policy.most_recall)
    if design is Design.SWITCHBACK:
        # When the same answers come cannot change how good they are: only a loss that is shown counts.
        rule = replace(rule, guard_e=_SHOWN)
    if MODEL_OF_KIND in changes:
        # It may be so much sooner that hardly anybody notices how much more often it is wrong.
        rule = replace(rule, guard_margins={**rule.guard_margins, "acceptance": 0.0})
    for id in context.state.kept:
        kept = context.state.experiments[id]
        if id not in context.state.rolled_back and any(
            name in changes and changes[name] == kept.before.get(name) for name in kept.changes
        ):
            return way_back(rule)
    return rule
