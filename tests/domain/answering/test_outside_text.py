"""What others sent is shown without anything that acts or hides."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.outside_text import all_visible, cleaned, one_line


@given(st.text(), st.integers(20, 200))
def test_a_cleaned_text_holds_nothing_that_acts_and_is_no_longer_than_allowed(text: str, most: int) -> None:
    """And cleaning it once more changes nothing."""
    result = cleaned(text, max_bytes=most)
    assert len(result.text.encode()) <= most
    allowed = "\n\t\u200c\u200d"
    assert not [
        c for c in result.text if c not in allowed and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl")
    ]
    assert cleaned(result.text, max_bytes=most).text == result.text
    assert "\n" not in one_line(text, max_bytes=most)


def test_scripts_and_emoji_stay_as_they_are() -> None:
    text = "Grüße, 你好, नमस्ते, می\u200cخواهم, 👩\u200d🚀, é\tx\n"
    assert cleaned(text, max_bytes=1000).text == text


def test_a_cut_falls_between_characters_and_says_so() -> None:
    result = cleaned("ä" * 100, max_bytes=51)
    assert result.truncated
    assert result.text == "ä" * 22 + " [...]"


@given(st.text())
def test_what_a_person_must_judge_is_shown_in_full(text: str) -> None:
    """Nothing is left out, and nothing is shown that cannot be seen."""
    shown = all_visible(text)
    assert len(shown) >= len(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]


def test_a_hidden_word_of_a_command_is_told() -> None:
    assert all_visible("run \u202egnp.exe\n\x1b[2K") == r"run \u202egnp.exe\u000a\u001b[2K"
