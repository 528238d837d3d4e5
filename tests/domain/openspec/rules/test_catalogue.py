"""What holds for every built-in rule."""

from __future__ import annotations

import re

import pytest

from workflow_cli.domain.openspec.finding import Finding, Level, Origin
from workflow_cli.domain.openspec.rule import ChangeSubject, Rule, SpecSubject
from workflow_cli.domain.openspec.rules.analyse import analyse_change, analyse_spec, summarise
from workflow_cli.domain.openspec.rules.catalogue import BY_ID, RULES, rules_for
from workflow_cli.domain.openspec.rules.example import example_files, read_tree


def findings_in(example: str, rules: tuple[Rule, ...]) -> list[Finding]:
    tree = read_tree({path: text.encode() for path, text in example_files(example).items()})
    summary = summarise(tree.specs, tree.changes)
    mains = {spec.id: spec for spec in tree.specs}
    found = [f for spec in tree.specs for f in analyse_spec(SpecSubject(spec=spec, tree=summary), rules)]
    for change in tree.changes:
        own = {id: mains[id] for id, _ in change.delta_documents if id in mains}
        found += analyse_change(ChangeSubject(change=change, mains=own, tree=summary), rules)
    return found


each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@each_rule
def test_the_bad_example_is_reported_by_this_rule_and_by_no_other_that_is_on(rule: Rule) -> None:
    """A reader of the rule's page sees one fault, not several."""
    on = tuple(r for r in RULES if r.on_by_default or r is rule)
    assert {f.rule for f in findings_in(rule.bad, on)} == {rule.id}


@each_rule
def test_the_good_example_is_reported_by_no_rule_that_is_on(rule: Rule) -> None:
    """What the page recommends is free of faults itself."""
    on = tuple(r for r in RULES if r.on_by_default or r is rule)
    assert findings_in(rule.good, on) == []


@each_rule
def test_a_finding_carries_the_rules_level_and_an_openable_place(rule: Rule) -> None:
    """Built-in findings never change OpenSpec's verdict, so none is an error."""
    files = example_files(rule.bad)
    for finding in findings_in(rule.bad, (rule,)):
        assert finding.origin is Origin.BUILTIN
        assert finding.level is rule.level is not Level.ERROR
        assert not finding.refuses
        assert finding.hint
        lines = files[finding.place.file.removeprefix("openspec/")].split("\n")
        assert finding.place.line is not None
        assert 1 <= finding.place.line <= len(lines)
        assert finding.place.column is None or 1 <= finding.place.column <= len(lines[finding.place.line - 1])


def test_ids_are_unique_and_spelled_in_kebab_case() -> None:
    """An id is what people write into their configuration."""
    assert len(BY_ID) == len(RULES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id) for rule in RULES)


@each_rule
def test_a_rule_lives_in_the_file_of_its_name(rule: Rule) -> None:
    """Who knows the id finds the file."""
    assert rule.check.__module__.rsplit(".", 1)[-1] == rule.id.replace("-", "_")


def test_disabling_wins_and_levels_can_be_changed() -> None:
    """A team decides which rules it wants, and how loud."""
    chosen = rules_for(
        enabled=["plain-negation", "and-or"], disabled=["and-or"], levels={"plain-negation": Level.WARNING}
    )
    by_id = {rule.id: rule for rule in chosen}
    assert "and-or" not in by_id
    assert by_id["plain-negation"].level is Level.WARNING
    assert "vague-pronoun" not in by_id


def test_a_changed_level_reaches_the_findings() -> None:
    """What is configured as INFO is reported as INFO."""
    rules = rules_for(levels={"incomplete-scenario": Level.INFO})
    assert {f.level for f in findings_in(BY_ID["incomplete-scenario"].bad, rules)} == {Level.INFO}


def test_an_unknown_id_is_named() -> None:
    """A misspelled rule is an error, not a rule that never speaks."""
    with pytest.raises(KeyError, match="weak-model"):
        rules_for(disabled=["weak-model"])
