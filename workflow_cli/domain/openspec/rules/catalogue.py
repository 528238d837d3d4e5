"""All built-in rules. A new one is its file, a line here, its test and its labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from workflow_cli.domain.openspec.finding import Level
from workflow_cli.domain.openspec.rule import Rule
from workflow_cli.domain.openspec.rules import (
    and_or,
    capability_without_delta,
    compound_requirement,
    duplicate_scenario,
    escape_clause,
    gutted_scenario,
    incomplete_scenario,
    inconsistent_term,
    missing_negative_scenario,
    modified_drops_text,
    near_duplicate_requirement,
    passive_without_actor,
    plain_negation,
    requirement_without_task,
    scenario_heading,
    slash_alternative,
    superlative,
    task_outside_change,
    twin_capability,
    twin_requirement,
    unannounced_capability,
    unknown_capability,
    unresolved_marker,
    untestable_adjective,
    vague_comparative,
    vague_pronoun,
    vague_quantity,
    weak_modal,
)

#: Structure first, because there the findings are nearly certain; words last.
RULES: tuple[Rule, ...] = tuple(
    module.RULE
    for module in (
        scenario_heading,
        incomplete_scenario,
        duplicate_scenario,
        unresolved_marker,
        gutted_scenario,
        modified_drops_text,
        capability_without_delta,
        unannounced_capability,
        requirement_without_task,
        task_outside_change,
        unknown_capability,
        twin_capability,
        twin_requirement,
        near_duplicate_requirement,
        inconsistent_term,
        missing_negative_scenario,
        compound_requirement,
        weak_modal,
        escape_clause,
        untestable_adjective,
        superlative,
        vague_comparative,
        vague_quantity,
        and_or,
        slash_alternative,
        vague_pronoun,
        passive_without_actor,
        plain_negation,
    )
)

BY_ID: Mapping[str, Rule] = {rule.id: rule for rule in RULES}


def rules_for(
    enabled: Collection[str] = (),
    disabled: Collection[str] = (),
    levels: Mapping[str, Level] | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> tuple[Rule, ...]:
    """The rules to run: those on by default and `enabled`, without `disabled`, at the `levels` asked for, and from the
    scores on that `thresholds` name.

    `disabled` wins over `enabled`. Raises KeyError with the first id that is no rule's.
    """
    levels, thresholds = levels or {}, thresholds or {}
    for id in (*enabled, *disabled, *levels, *thresholds):
        if id not in BY_ID:
            raise KeyError(id)
    return tuple(
        replace(rule, level=levels.get(rule.id, rule.level), least=thresholds.get(rule.id, rule.least))
        for rule in RULES
        if (rule.on_by_default or rule.id in enabled) and rule.id not in disabled
    )
