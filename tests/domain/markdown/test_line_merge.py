"""Two edits of one text, put together line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.markdown.line_merge import LineConflict, line_edits, merge_lines

BASE = ["a", "b", "c", "d", "e"]
TEXTS = st.lists(st.sampled_from("abcdefg"), max_size=8)


def test_edits_of_different_lines_both_hold() -> None:
    """One side changes the first line, the other the last."""
    assert merge_lines(BASE, ["A", "b", "c", "d", "e"], ["a", "b", "c", "d", "E"]) == ["A", "b", "c", "d", "E"]


def test_edits_of_one_line_collide_and_the_line_is_told() -> None:
    """Counted from 0, in the base."""
    assert merge_lines(BASE, ["a", "b", "C", "d", "e"], ["a", "b", "X", "d", "e"]) == LineConflict(2)


def test_the_very_same_edit_is_made_once() -> None:
    """Both sides put the same line at the end."""
    assert merge_lines(BASE, [*BASE, "f"], [*BASE, "f"]) == [*BASE, "f"]


def test_two_insertions_at_one_place_collide() -> None:
    """Nothing says which comes first."""
    assert isinstance(merge_lines(BASE, [*BASE, "f"], [*BASE, "g"]), LineConflict)


def test_an_insertion_beside_a_deletion_stays() -> None:
    """The deleted line is gone, the new one is where it was put."""
    assert merge_lines(BASE, ["a", "b", "c", "d", "e", "f"], ["a", "b", "c", "d"]) == ["a", "b", "c", "d", "f"]


def test_an_insertion_inside_a_deletion_collides() -> None:
    """Whoever deleted the lines has not seen the new one."""
    assert isinstance(merge_lines(BASE, ["a", "b", "c", "x", "d", "e"], ["a", "e"]), LineConflict)


@given(before=TEXTS, after=TEXTS)
def test_edits_lead_from_the_one_text_to_the_other(before: list[str], after: list[str]) -> None:
    """Applied last to first, they give the second text."""
    lines = list(before)
    for edit in reversed(line_edits(before, after)):
        lines[edit.start : edit.end] = edit.lines
    assert lines == after


@given(base=TEXTS, side=TEXTS)
def test_an_edit_against_none_is_the_edit(base: list[str], side: list[str]) -> None:
    """Where one side did nothing, or did the same, the other side's text comes out."""
    assert merge_lines(base, side, base) == side
    assert merge_lines(base, base, side) == side
    assert merge_lines(base, side, side) == side


@given(base=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_the_sides_are_equal(base: list[str], ours: list[str], theirs: list[str]) -> None:
    """It does not matter which is called ours."""
    one, other = merge_lines(base, ours, theirs), merge_lines(base, theirs, ours)
    assert isinstance(one, LineConflict) == isinstance(other, LineConflict)
    if not isinstance(one, LineConflict):
        assert one == other


@given(base=TEXTS, ours=TEXTS, theirs=TEXTS)
def test_no_line_that_both_kept_is_lost(base: list[str], ours: list[str], theirs: list[str]) -> None:
    """Every inserted line of either side is in the result."""
    merged = merge_lines(base, ours, theirs)
    if isinstance(merged, LineConflict):
        return
    for side in (ours, theirs):
        for edit in line_edits(base, side):
            assert all(merged.count(line) >= edit.lines.count(line) for line in edit.lines)
