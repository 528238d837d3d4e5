"""What the documentation says of the questions is what the code does."""

from __future__ import annotations

from pathlib import Path

from workflow_cli.domain.questions.catalogue import FAMILIES
from workflow_cli.domain.questions.elicit import LEAST_RANK, LIMIT

PAGE = Path(__file__).parents[3] / "docs/explanation/questions.md"


def test_every_family_is_listed_and_no_other() -> None:
    """A family without a line in the table, or a line without a family, fails."""
    listed = [line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert sorted(listed) == sorted(family.id for family in FAMILIES)


def test_the_numbers_are_the_code_s() -> None:
    """The least rank and the limit."""
    page = PAGE.read_text("utf-8")
    assert f"What ranks below {LEAST_RANK} is not asked." in page
    assert LIMIT == 5
    assert "The five best are" in page
