"""The laws of repairs, held on every document of the corpus."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.app.analyse import analyse_one_change, analyse_one_spec, selected_rules
from workflow_cli.app.fixes import Offer, creators_in, offers_for_change, offers_for_spec
from workflow_cli.domain.markdown.source import split_lines
from workflow_cli.domain.openspec.check import check_change, check_spec
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixable import FIXABLE
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.openspec.spec import read_spec

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
TREES = sorted(p.name for p in CORPUS.iterdir() if p.is_dir()) if CORPUS.is_dir() else []
RULES = selected_rules([], [], {}, {})

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not TREES, reason="the corpus is not there")]


def counted(findings: list[Finding]) -> Counter[tuple[str, str]]:
    return Counter((f.rule, f.level.value) for f in findings)


def spec_findings(id: str, document: Document) -> list[Finding]:
    return [
        *check_spec(read_spec(id, document)),
        *analyse_one_spec(id, document, TreeSummary(), RULES, own=True),
    ]


def keeps_the_rest(offer: Offer) -> bool:
    """Every line of before is there after, in its order, but for at most one that was replaced."""
    (file,) = offer.draft.files
    before, after = split_lines(file.before or b""), split_lines(file.after or b"")
    changes = [c for c in SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if c[0] != "equal"]
    return len(changes) == 1 and changes[0][2] - changes[0][1] <= 1


@pytest.mark.parametrize("name", TREES)
def test_a_repair_makes_its_finding_go_and_nothing_else(name: str) -> None:
    """No other finding appears, all other bytes stay, and a second look finds nothing more to mend."""
    tree = OpenSpecFiles(CORPUS / name, max_file_bytes=10_000_000)
    for spec in tree.spec_files():
        document = tree.read_spec_file(spec)
        if not isinstance(document, Document):
            continue
        found = spec_findings(spec.id, document)
        offers = offers_for_spec(spec.id, document, found, RULES, creators_in(tree))
        if not {f.rule for f in found} & FIXABLE:
            assert offers == []
        for offer in offers:
            mended = Document(document.file, offer.draft.files[0].after or b"")
            again = spec_findings(spec.id, mended)
            assert keeps_the_rest(offer)
            assert counted(found) - counted(again)
            assert not counted(again) - counted(found)
            rest = offers_for_spec(spec.id, mended, again, RULES, creators_in(tree))
            assert offer.rule not in {other.rule for other in rest}
    capabilities = TreeSummary(capabilities=frozenset(spec.id for spec in tree.spec_files()))
    for change_name in tree.change_names():
        change = tree.read_change(change_name)
        found = [
            *check_change(change, tree.read_main),
            *analyse_one_change(change, tree.read_main, capabilities, RULES, own=True),
        ]
        for offer in offers_for_change(change, tree.read_main, found, RULES, capabilities):
            assert keeps_the_rest(offer)
