"""Replacing a section's own text."""

from __future__ import annotations

import pytest

from tests.domain.openspec.edits.edited import DELTA, SPEC, after, refusal, unchanged

PURPOSE = {"op": "set-section", "section": "Purpose", "text": "Says who may come in.\n\nAnd when."}


def test_the_text_is_replaced_and_the_distances_stay() -> None:
    """The heading, and what follows, are untouched."""
    assert after("spec", SPEC, PURPOSE) == SPEC.replace("Lets people in and out.", PURPOSE["text"])


@pytest.mark.parametrize("section", ["purpose", "## Purpose", "Auth Specification > Purpose"])
def test_sections_are_named_as_a_reader_sees_them(section: str) -> None:
    """In any case, with hashes, or by the way to them."""
    assert after("spec", SPEC, PURPOSE | {"section": section}) == after("spec", SPEC, PURPOSE)


def test_the_same_text_changes_nothing() -> None:
    """Blank lines at its ends do not count."""
    assert unchanged("spec", SPEC, {"op": "set-section", "section": "Purpose", "text": "\nLets people in and out.\n\n"})


def test_subsections_stay() -> None:
    """They are not the section's own text."""
    text = "# T\n\n## Why\nOld.\n\n### More\nKept.\n\n## Other\nKept.\n"
    assert after("proposal", text, {"op": "set-section", "section": "Why", "text": "New."}) == text.replace(
        "Old.", "New."
    )


def test_text_with_headings_stands_for_the_whole_section() -> None:
    """But may not drop a subsection unseen."""
    text = "# T\n\n## Why\nOld.\n\n### More\nKept.\n\n## Other\nKept.\n"
    whole = {"op": "set-section", "section": "Why", "text": "New.\n\n### More\nToo."}
    assert after("proposal", text, whole) == text.replace("Old.\n\n### More\nKept.", "New.\n\n### More\nToo.", 1)
    assert "'More'" in refusal("proposal", text, whole | {"text": "New.\n\n### Else\nToo."}).message


def test_an_empty_section_is_filled() -> None:
    """At the distance that headings keep elsewhere."""
    text = "## Why\n\nA.\n\n## What Changes\n\n## Impact\n\nB.\n"
    filled = after("proposal", text, {"op": "set-section", "section": "What Changes", "text": "C."})
    assert filled == text.replace("## What Changes\n", "## What Changes\n\nC.\n")


def test_a_missing_section_is_made_only_when_asked_for() -> None:
    """Else the nearest are named."""
    missing = {"op": "set-section", "section": "Purposes", "text": "x"}
    assert "Purpose" in (refusal("spec", SPEC, missing).hint or "")
    assert after("spec", SPEC, missing | {"create": True}) == SPEC + "\n## Purposes\nx\n"


def test_a_made_section_is_numbered_where_the_others_are() -> None:
    """And found again without its number."""
    text = "## 1. Context\n\nA.\n\n## 2. Risks\n\nB.\n"
    made = {"op": "set-section", "section": "Open", "text": "C.", "create": True}
    assert after("design", text, made) == text + "\n## 3. Open\n\nC.\n"
    assert after("design", text, made | {"section": "Risks"}) == text.replace("B.", "C.")


def test_text_below_a_delta_heading_is_refused() -> None:
    """Archiving drops it without a word."""
    operation = {"op": "set-section", "section": "ADDED Requirements", "text": "x"}
    assert "dropped" in refusal("delta", DELTA, operation).message


@pytest.mark.parametrize("text", ["## Other\nx", "# Top", "a\n---", "```\nx", "<!--", "<script>\nx"])
def test_text_that_would_change_other_sections_is_refused(text: str) -> None:
    """By ending this one, or by swallowing the next."""
    assert refusal("spec", SPEC, PURPOSE | {"text": text}).exit_code == 5


def test_a_task_is_no_section() -> None:
    """Though it has an address."""
    assert (
        "task"
        in refusal("tasks", "## 1. A\n\n- [ ] 1.1 Do\n", {"op": "set-section", "section": "1.1", "text": "x"}).message
    )
