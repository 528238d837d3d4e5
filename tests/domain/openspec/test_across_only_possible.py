"""A requirement that one open change adds and another already modifies."""

from __future__ import annotations

from workflow_cli.domain.openspec.across import contentions, safe_order
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.rules.example import read_tree

BODY = "#### Scenario: Accepted\n- **WHEN** the bank accepts\n- **THEN** the order is created\n"
MAIN = f"# shop\n\n## Purpose\nTake payments.\n\n## Requirements\n\n### Requirement: Payment\nThe shop SHALL charge.\n\n{BODY}"
ADD = f"## ADDED Requirements\n\n### Requirement: Receipt\nThe shop SHALL send one.\n\n{BODY}"
CHANGE = f"## MODIFIED Requirements\n\n### Requirement: Receipt\nThe shop SHALL send two.\n\n{BODY}"


def test_the_one_order_in_which_neither_is_refused_is_taken() -> None:
    """MODIFIED rewrites what ADDED wrote, so no order is harmless; but only one of them works at all."""
    files = {f"changes/{name}/specs/shop/spec.md": text.encode() for name, text in {"a": CHANGE, "b": ADD}.items()}
    changes = read_tree({"specs/shop/spec.md": MAIN.encode(), **files}).changes
    found = contentions(changes, lambda _id: Document("openspec/specs/shop/spec.md", MAIN.encode()))
    assert [(c.before, c.only_possible) for c in found] == [(None, ("b", "a"))]
    assert safe_order(["a", "b"], found).changes == ("b", "a")
