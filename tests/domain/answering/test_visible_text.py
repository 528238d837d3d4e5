"""What of a reply is seen."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.domain.answering.visible_text import VisibleStream, json_in, visible_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("five", "five"),
        ("<think>hm</think>\n\nfive", "five"),
        ("<THINK>hm</THINK>five<think>again</think>", "five"),
        ("hm</think>five", "five"),
        ("five<think>hm", "five"),
        ("<think>hm", ""),
        ("a < b and <b>c</b>", "a < b and <b>c</b>"),
        ("<|channel|>five<|end|>", "five"),
    ],
)
def test_thinking_and_leaked_marks_are_taken_off(text: str, seen: str) -> None:
    assert visible_text(text) == seen


@pytest.mark.parametrize("text", ["", "no", "{", '{"a": 1, "a": 2}', "[NaN]", "{'a': 1}", "x" * 100_000, "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no JSON"):
        json_in(text)


@given(JSON.filter(lambda value: isinstance(value, (dict, list))), st.sampled_from(["", "<think>{}</think>", "So: "]))
def test_json_is_found_whatever_its_strings_hold(value: object, before: str) -> None:
    assert json_in(before + json.dumps(value)) == value or "<" in json.dumps(value) or "`" in json.dumps(value)


@given(JSON)
def test_json_alone_is_taken_as_it_is(value: object) -> None:
    """Also where a string of it holds tags of thinking or a fence."""
    text = json.dumps(value, ensure_ascii=False)
    assert json_in(text) == value or "__LM_STUDIO" in text or "<|" in text


@pytest.mark.parametrize("pieces", [["five</think>", " < "], ["five<think>hm</think>", " ", "\n", "< six"]])
def test_white_space_that_comes_after_a_closing_tag_goes_with_it(pieces: list[str]) -> None:
    whole, cut = VisibleStream(), VisibleStream()
    assert "".join([*map(cut.feed, pieces), cut.end()]) == whole.feed("".join(pieces)) + whole.end()


@settings(max_examples=2_000)
@given(
    st.lists(st.sampled_from(["<think>", "</think>", "five", " < ", "<", "\n\n", "__LM", "_"]), max_size=8), st.data()
)
def test_a_stream_shows_the_same_however_it_is_cut(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, cut = VisibleStream(), VisibleStream()
    assert "".join([*map(cut.feed, pieces), cut.end()]) == whole.feed(text) + whole.end()
