"""Running rules over texts small enough to read in a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.rule import ChangeSubject, Rule, SpecSubject
from workflow_cli.domain.openspec.rules.analyse import analyse_change, analyse_spec, summarise
from workflow_cli.domain.openspec.rules.catalogue import BY_ID
from workflow_cli.domain.openspec.rules.example import example_files, read_tree

FindingsIn = Callable[[str, tuple[Rule, ...]], list[Finding]]
Reported = Callable[[str, str], list[str]]


def _findings_in(example: str, rules: tuple[Rule, ...]) -> list[Finding]:
    tree = read_tree({path: text.encode() for path, text in example_files(example).items()})
    summary = summarise(tree.specs, tree.changes)
    mains = {spec.id: spec for spec in tree.specs}
    found = [f for spec in tree.specs for f in analyse_spec(SpecSubject(spec=spec, tree=summary), rules)]
    for change in tree.changes:
        own = {id: mains[id] for id, _ in change.delta_documents if id in mains}
        found += analyse_change(ChangeSubject(change=change, mains=own, tree=summary), rules)
    return found


@pytest.fixture
def findings_in() -> FindingsIn:
    """The findings of some rules in an example: a requirement block, or a small tree with `==> path <==` lines."""
    return _findings_in


@pytest.fixture
def messages() -> Reported:
    """The messages of one rule, by id, in an example."""
    return lambda id, example: [f.message for f in _findings_in(example, (BY_ID[id],))]


@pytest.fixture
def words_in_statement() -> Reported:
    """What one rule's findings point at, when the given text is a requirement's statement."""

    def run(id: str, statement: str) -> list[str]:
        example = f"### Requirement: Example\n{statement}\n\n#### Scenario: One\n- **WHEN** a\n- **THEN** b\n"
        lines = example_files(example)["specs/example/spec.md"].split("\n")
        pointed = []
        for finding in _findings_in(example, (BY_ID[id],)):
            assert finding.place.line is not None
            assert finding.place.column is not None
            pointed.append(lines[finding.place.line - 1][finding.place.column - 1 :])
        return pointed

    return run
