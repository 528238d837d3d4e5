"""A requirement that one open change rewrites and another renames."""

from __future__ import annotations

from workflow_cli.domain.openspec.across import contention_findings, contentions, safe_order
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.rules.example import SmallTree, read_tree

BODY = "#### Scenario: Accepted\n- **WHEN** the bank accepts\n- **THEN** the order is created\n"
MAIN = f"# shop\n\n## Purpose\nTake payments.\n\n## Requirements\n\n### Requirement: Payment\nThe shop SHALL charge.\n\n{BODY}"
REWRITE = f"## MODIFIED Requirements\n\n### Requirement: Payment\nThe shop SHALL charge once.\n\n{BODY}"
RENAME = "## RENAMED Requirements\n\n- FROM: `### Requirement: Payment`\n- TO: `### Requirement: Card payment`\n"
REWRITE_NEW = REWRITE.replace("Payment", "Card payment").replace("once", "twice")


def tree(**deltas: str) -> SmallTree:
    files = {f"changes/{name}/specs/shop/spec.md": text.encode() for name, text in deltas.items()}
    return read_tree({"specs/shop/spec.md": MAIN.encode(), **files})


def main(_capability: str) -> Document:
    return Document("openspec/specs/shop/spec.md", MAIN.encode())


def test_rewriting_before_renaming_is_the_safe_order() -> None:
    """The rename keeps the text that was just written; the other way round, the name is gone."""
    changes = tree(rename=RENAME, rewrite=REWRITE).changes
    found = contentions(changes, main)
    assert [c.before for c in found] == [("rewrite", "rename")]
    assert safe_order(["rename", "rewrite"], found).changes == ("rewrite", "rename")
    (finding,) = contention_findings("rename", found)
    assert finding.hint == "archive rewrite first"


def test_a_rename_that_brings_its_own_text_loses_the_other_one() -> None:
    """Renaming and rewriting at once replaces what the earlier change wrote, under the new name."""
    changes = tree(both=RENAME + "\n" + REWRITE_NEW, rewrite=REWRITE).changes
    (contention,) = contentions(changes, main)
    assert contention.is_deadlock
