"""One small report in every format, kept as files that people can read.

Set UPDATE_GOLDEN=1 to write them anew, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workflow_cli.app.report import Report
from workflow_cli.cli.formats.formats import FORMATS, render
from workflow_cli.cli.formats.rendering import Rendering, RuleNote
from workflow_cli.domain.openspec.finding import Level

GOLDEN = Path(__file__).parent / "golden"
RULES = {
    "vague-quantity": RuleNote(
        title="Quantities are numbers",
        level=Level.WARNING,
        reason="“Some” cannot be tested.",
        page="reference/rules/vague-quantity.md",
    )
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_sample_report(name: str, sample: Report) -> None:
    """A change with an error, a tolerated warning and a blocking question; a clean spec; an unreadable spec."""
    file = GOLDEN / f"sample.{name}"
    rendered = render(name, sample, Rendering(version="0.1.0", rules=RULES))
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(rendered.encode())
    assert rendered == file.read_bytes().decode()
