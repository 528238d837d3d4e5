"""What of a document is a comment, and what only shows one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.comments import commented, without_comments


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
    assert without_comments(text) == seen


@given(st.text(alphabet="<!->`~ab \n", max_size=80))
def test_every_line_is_judged_and_none_is_made(text: str) -> None:
    lines = text.split("\n")
    hidden = commented(lines)
    assert len(hidden) == len(lines)
    if "<!--" not in text:
        assert not any(hidden)
    kept = [line for line, gone in zip(lines, hidden, strict=True) if not gone]
    assert without_comments(text) in ("\n".join(kept), text)
