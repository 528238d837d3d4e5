"""The rules over real trees: none fails, and trees in other languages do not drown."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_cli.domain.openspec.rule import ChangeSubject, SpecSubject
from workflow_cli.domain.openspec.rules.analyse import analyse_change, analyse_spec, summarise
from workflow_cli.domain.openspec.rules.catalogue import RULES, rules_for
from workflow_cli.domain.openspec.rules.example import SmallTree, read_tree
from workflow_cli.domain.openspec.written import written_requirements

CORPUS = Path(__file__).parents[4].parent / "shared" / "corpus"
TREES = sorted(path.parent for path in CORPUS.glob("*/openspec"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not TREES, reason="the trees of ../shared/corpus are not here"),
]


def load(repository: Path) -> SmallTree:
    root = repository / "openspec"
    files = [p for p in root.rglob("*.md") if p.is_file() and "archive" not in p.relative_to(root).parts]
    return read_tree({p.relative_to(root).as_posix(): p.read_bytes() for p in files})


@pytest.mark.parametrize("repository", TREES, ids=lambda path: path.name)
def test_every_finding_points_into_its_file(repository: Path) -> None:
    """Whatever people write, no rule fails, and each place can be opened."""
    tree = load(repository)
    summary = summarise(tree.specs, tree.changes)
    mains = {spec.id: spec for spec in tree.specs}
    lines = {spec.document.file: spec.document.lines for spec in tree.specs}
    lines |= {d.file: d.lines for change in tree.changes for d in change.documents}
    findings = [f for spec in tree.specs for f in analyse_spec(SpecSubject(spec=spec, tree=summary), RULES)]
    for change in tree.changes:
        findings += analyse_change(ChangeSubject(change=change, mains=mains, tree=summary), RULES)
    for finding in findings:
        assert finding.place.line is not None
        line = lines[finding.place.file][finding.place.line - 1]
        assert finding.place.column is None or 1 <= finding.place.column <= len(line)


@pytest.mark.parametrize("name", ["hawk86104+three-vue-tres", "844196+chroma", "myWsq+RavenJS"])
def test_trees_in_other_languages_do_not_drown(name: str) -> None:
    """English words are looked for in English sentences only: under one requirement in ten has a finding."""
    tree = load(CORPUS / name)
    summary = summarise(tree.specs, tree.changes)
    found = [f for spec in tree.specs for f in analyse_spec(SpecSubject(spec=spec, tree=summary), rules_for())]
    assert len(found) < sum(len(written_requirements(spec)) for spec in tree.specs) / 10
