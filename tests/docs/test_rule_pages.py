"""The reference pages of the rules say what the rules say."""

from __future__ import annotations

import runpy
from pathlib import Path

GENERATOR = Path(__file__).parents[2] / "docs" / "generate_rules.py"


def test_every_rule_page_is_current() -> None:
    """Whoever changes a rule runs `make docs`."""
    generator = runpy.run_path(str(GENERATOR))
    folder: Path = generator["FOLDER"]
    on_disk = {path.name: path.read_text("utf-8") for path in folder.glob("*.md")}
    assert on_disk == generator["pages"]()
