"""What of a document is a comment, and what only shows one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.markdown.comments import blanked_comments, commented, cut_comments, without_commented_lines


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\n<!-- b -->\nc", "a\nc"),
        ("a\n<!--\nb\n\nc\n-->\nd", "a\nd"),
        ("- a\n  <!-- b -->\n- <!-- c -->\n- d", "- a\n- d"),
        ("<!-- never closed\na", ""),
        ("<!-- a --> b\nc", "<!-- a --> b\nc"),
        ("a <!-- b -->", "a <!-- b -->"),
        ("use `<!-- x -->` here", "use `<!-- x -->` here"),
        ("```html\n<!-- shown -->\n```\n<!-- not -->\na", "```html\n<!-- shown -->\n```\na"),
        ("````\n```\n<!-- shown -->\n````", "````\n```\n<!-- shown -->\n````"),
        ("<!-- ```\n-->\na\n<!-- b -->", "a"),
    ],
)
def test_comments_that_take_lines_of_their_own(text: str, seen: str) -> None:
    assert without_commented_lines(text) == seen


@given(st.text(alphabet="<!->`~ab \n", max_size=80))
def test_every_line_is_judged_and_none_is_made(text: str) -> None:
    lines = text.split("\n")
    hidden = commented(lines)
    assert len(hidden) == len(lines)
    if "<!--" not in text:
        assert not any(hidden)
    kept = [line for line, gone in zip(lines, hidden, strict=True) if not gone]
    assert without_commented_lines(text) in ("\n".join(kept), text)


@given(st.text(alphabet="<!->`~ab \n", max_size=80))
def test_blanked_text_has_every_character_and_cut_text_every_line_where_it_was(text: str) -> None:
    blanked, cut = blanked_comments(text), cut_comments(text)
    assert len(blanked) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, blanked, strict=True))
    assert cut.count("\n") == text.count("\n")
    assert "<!--" not in blanked
    assert blanked.split() == " ".join(cut.split("\n")).split() or "<!--" in text


@pytest.mark.parametrize(
    ("text", "blanked", "cut"),
    [
        ("a <!-- b --> c", "a            c", "a  c"),
        ("a<!-- b\nc --!>d\ne", "a      \n      d\ne", "a\nd\ne"),
        ("a <!-- never\nclosed", "a           \n      ", "a \n"),
    ],
)
def test_a_comment_may_stand_within_a_line(text: str, blanked: str, cut: str) -> None:
    assert (blanked_comments(text), cut_comments(text)) == (blanked, cut)
