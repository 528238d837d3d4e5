"""What counts as prose, and that blanking moves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.openspec.rules.prose import Passage, passages, prose_lines


def prose(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(prose_lines(lines, [False] * len(lines)))


@pytest.mark.parametrize(
    "text",
    [
        "a `hidden` b",
        "a ``hidden ` hidden`` b",
        "a [word](hidden/hidden) b",
        "a https://hidden.example/hidden b",
        "a <!-- hidden\nhidden --> b",
        'a "hidden" b',
        "a “hidden” b",
        "a «hidden» b",
        "a 「hidden」 b",
        "a 'hidden' b",
        "a src/hidden/hidden.py b",
        "a <hidden> b",
        "a `hidden\nhidden` b",
    ],
)
def test_what_is_no_prose_is_blanked(text: str) -> None:
    """Code, addresses, quotations, comments and tags are not the author's own words."""
    assert "hidden" not in prose(text)
    assert prose(text)[0] == "a"
    assert prose(text)[-1] == "b"


@pytest.mark.parametrize("text", ["it's the user's file", "a and/or b", "it is < 3 and > 1", "don't and won't"])
def test_apostrophes_slashes_and_signs_hide_nothing(text: str) -> None:
    """Not every mark opens something."""
    assert prose(text) == text


@given(st.lists(st.text(alphabet="ab `*_<>!-[]()\"'/.:“”「」\t", max_size=30), min_size=1, max_size=6))
def test_every_line_keeps_its_length(lines: list[str]) -> None:
    """So a column in the prose is the column in the document."""
    assert [len(line) for line in prose_lines(lines, [False] * len(lines))] == [len(line) for line in lines]


@given(st.lists(st.text(alphabet="ab. -1#|>", max_size=20), min_size=1, max_size=8), st.integers(0, 50))
def test_every_character_of_a_sentence_knows_its_place(lines: list[str], first: int) -> None:
    """Over line ends and sentence ends alike."""
    for passage in passages(lines, first):
        for sentence in passage.sentences():
            starts = {start for start, _, _ in sentence.starts}
            for offset, char in enumerate(sentence.text):
                line, column = sentence.position(offset)
                if offset + 1 in starts and char == " ":
                    continue  # the joint between two lines
                assert lines[line - first][column] == char


def test_a_sentence_does_not_end_at_an_abbreviation() -> None:
    """`e.g.` and `etc.` are followed by more of the same sentence."""
    (passage,) = passages(["Names (e.g. short ones) count. Others do not."])
    assert [s.text.strip() for s in passage.sentences()] == ["Names (e.g. short ones) count.", "Others do not."]


def test_list_items_are_passages_of_their_own_and_wrapped_lines_join() -> None:
    """As Markdown reads them."""
    found = [
        p.text for p in passages(["One", "two", "", "- three", "  four", "- five", "| no | table |", "# no heading"])
    ]
    assert found == ["One two", "three four", "five"]


def test_a_passage_counts_from_its_own_first_line() -> None:
    """Positions are the document's."""
    assert Passage("abc", ((0, 7, 4),)).position(2) == (7, 6)


def test_runs_of_backticks_that_nothing_closes_take_no_quadratic_time() -> None:
    """A text of them ends this test at once, or never; what a span hides stays hidden."""
    line = " ".join("`" * n for n in range(1, 632))
    assert prose_lines([line], [False])[0].strip() == ""
    assert "may" not in prose_lines([line, "", "the `may` word"], [False] * 3)[2]
