"""What holds for every built-in rule."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow_cli.domain.openspec.finding import Finding, Level, Origin
from workflow_cli.domain.openspec.rule import (
    OWN_SCOPES,
    TREE_SCOPES,
    ChangeSubject,
    Precision,
    Rule,
    Scope,
    SpecSubject,
)
from workflow_cli.domain.openspec.rules.analyse import analyse_change, analyse_spec, summarise
from workflow_cli.domain.openspec.rules.catalogue import BY_ID, RULES, rules_for
from workflow_cli.domain.openspec.rules.example import example_files, read_tree

FindingsIn = Callable[[str, tuple[Rule, ...]], list[Finding]]

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@each_rule
def test_the_bad_example_is_reported_by_this_rule_and_by_no_other_that_is_on(
    rule: Rule, findings_in: FindingsIn
) -> None:
    """A reader of the rule's page sees one fault, not several."""
    on = tuple(r for r in RULES if r.on_by_default or r is rule)
    assert {f.rule for f in findings_in(rule.bad, on)} == {rule.id}


@each_rule
def test_the_good_example_is_reported_by_no_rule_that_is_on(rule: Rule, findings_in: FindingsIn) -> None:
    """What the page recommends is free of faults itself."""
    on = tuple(r for r in RULES if r.on_by_default or r is rule)
    assert findings_in(rule.good, on) == []


@each_rule
def test_a_finding_carries_the_rules_level_and_an_openable_place(rule: Rule, findings_in: FindingsIn) -> None:
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


def test_a_changed_level_reaches_the_findings(findings_in: FindingsIn) -> None:
    """What is configured as INFO is reported as INFO."""
    rules = rules_for(levels={"incomplete-scenario": Level.INFO})
    assert {f.level for f in findings_in(BY_ID["incomplete-scenario"].bad, rules)} == {Level.INFO}


def test_an_unknown_id_is_named() -> None:
    """A misspelled rule is an error, not a rule that never speaks."""
    with pytest.raises(KeyError, match="weak-model"):
        rules_for(disabled=["weak-model"])


@each_rule
def test_own_scopes_and_tree_scopes_run_apart_find_the_same(rule: Rule) -> None:
    """A caller may keep the results of the own-document scopes and run the tree scopes alone."""
    tree = read_tree({path: text.encode() for path, text in example_files(rule.bad).items()})
    summary = summarise(tree.specs, tree.changes)
    mains = {spec.id: spec for spec in tree.specs}

    def run(scopes: frozenset[Scope]) -> set[Finding]:
        found = [f for s in tree.specs for f in analyse_spec(SpecSubject(spec=s, tree=summary), RULES, scopes)]
        for change in tree.changes:
            found += analyse_change(ChangeSubject(change=change, mains=mains, tree=summary), RULES, scopes)
        return set(found)

    assert run(OWN_SCOPES) | run(TREE_SCOPES) == run(OWN_SCOPES | TREE_SCOPES)
    assert run(OWN_SCOPES).isdisjoint(run(TREE_SCOPES))


LABELS = Path(__file__).parents[3] / "data" / "rule-labels.jsonl"


def labels() -> list[dict[str, object]]:
    return [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]


@each_rule
def test_a_rules_precision_is_what_the_labels_say(rule: Rule) -> None:
    """The number in the product is counted, not remembered; a rule without labels claims none."""
    mine = [label for label in labels() if label["rule"] == rule.id]
    if not mine:
        assert rule.precision is None
        return
    agreed = sum(label["agreed"] is True for label in mine)
    assert rule.precision == Precision(agreed=agreed, labelled=len(mine), source="tests/data/rule-labels.jsonl")


@each_rule
def test_a_rule_whose_findings_are_mostly_wrong_is_off(rule: Rule) -> None:
    """Sixty of a hundred is the least that is shown without being asked for."""
    if rule.on_by_default and rule.precision is not None:
        assert rule.precision.share >= 0.6


def test_no_finding_is_labelled_twice() -> None:
    """One place counts once."""
    places = Counter((label["rule"], label["tree"], label["path"], label["line"]) for label in labels())
    assert {place: count for place, count in places.items() if count > 1} == {}


def test_labels_hold_no_text_of_the_documents() -> None:
    """They name places; the documents belong to others."""
    assert {frozenset(label) for label in labels()} == {frozenset({"rule", "tree", "path", "line", "agreed"})}
