"""The reference pages of the rules say what the rules say."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_every_rule_page_is_current() -> None:
    """Whoever changes a rule runs `make docs`."""
    pages = runpy.run_path(str(DOCS / "generate_rules.py"))["pages"]()
    on_disk = {path.name: path.read_text("utf-8") for path in (DOCS / "reference" / "rules").glob("*.md")}
    assert on_disk == {name: make() for name, make in pages.items()}
