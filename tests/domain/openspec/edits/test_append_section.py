"""Adding to a section's own text."""

from __future__ import annotations

import pytest

from tests.domain.openspec.edits.edited import DELTA, SPEC, after, edit, refusal, unchanged

PROPOSAL = """\
# Change: Faster

## Why
It is slow.

## What Changes

* one
* two
  * inner

A last word.

### Details
Kept.
"""


def item(section: str, bullet: str, **more: object) -> dict[str, object]:
    return {"op": "append-section", "section": section, "bullet": bullet, **more}


def test_an_item_joins_the_sections_last_list() -> None:
    """With its bullet character, and before what follows the list."""
    expected = PROPOSAL.replace("  * inner\n", "  * inner\n* three\n")
    assert after("proposal", PROPOSAL, item("What Changes", "three")) == expected
    assert after("proposal", PROPOSAL, item("What Changes", "- three")) == expected


@pytest.mark.parametrize(
    ("shown", "added"),
    [
        ("- a\n- b\n", "- c\n"),
        ("+ a\n", "+ c\n"),
        ("-   a\n-   b\n", "-   c\n"),
        ("  - a\n  - b\n", "  - c\n"),
        ("- a\n\n- b\n", "\n- c\n"),
        ("1. a\n2. b\n", "3. c\n"),
        ("1) a\n1) b\n", "1) c\n"),
        ("- [ ] a\n- b\n", "- c\n"),
    ],
)
def test_lists_go_on_as_they_are(shown: str, added: str) -> None:
    """Bullet, indentation, spaces, blank lines and numbers."""
    assert after("design", f"## A\n\n{shown}\n## B\n", item("A", "c")) == f"## A\n\n{shown}{added}\n## B\n"


def test_an_item_of_several_lines_is_indented() -> None:
    """So that it stays one item."""
    assert after("design", "## A\n\n1. a\n", item("A", "b\nc\n\nd")) == "## A\n\n1. a\n2. b\n   c\n\n   d\n"


def test_a_section_without_a_list_gets_one() -> None:
    """With the bullet character of the rest of the document."""
    assert after("proposal", PROPOSAL, item("Why", "x")) == PROPOSAL.replace("slow.\n", "slow.\n\n* x\n")


@pytest.mark.parametrize("bullet", ["two", "* two", " two ", "inner"])
def test_an_item_that_is_there_is_not_added_again(bullet: str) -> None:
    """At whatever depth."""
    assert unchanged("proposal", PROPOSAL, item("What Changes", bullet))


def test_text_becomes_a_paragraph_before_the_subsections() -> None:
    """Once."""
    more = {"op": "append-section", "section": "What Changes", "text": "More."}
    assert after("proposal", PROPOSAL, more) == PROPOSAL.replace("A last word.\n", "A last word.\n\nMore.\n")
    assert unchanged("proposal", after("proposal", PROPOSAL, more), more)


def test_a_missing_section_is_made_only_when_asked_for() -> None:
    """Else the nearest are named."""
    assert "What Changes" in (refusal("proposal", PROPOSAL, item("What Change", "x")).hint or "")
    assert after("proposal", PROPOSAL, item("Impact", "x", create=True)) == PROPOSAL + "\n## Impact\n* x\n"


def test_nothing_is_taken_out() -> None:
    """Every edit inserts."""
    for text in (PROPOSAL, PROPOSAL.replace("\n", "\r\n"), PROPOSAL.rstrip("\n")):
        assert all(e.span.len == 0 for e in edit("proposal", text.encode(), item("Details", "x")).edits)


def test_a_heading_is_no_text() -> None:
    """Sections are set, not appended."""
    assert "heading" in refusal("spec", SPEC, {"op": "append-section", "section": "Notes", "text": "#### x"}).message


def test_text_below_a_delta_heading_is_refused() -> None:
    """Archiving drops it without a word."""
    assert "dropped" in refusal("delta", DELTA, item("MODIFIED Requirements", "x")).message
