"""What is taken out of a model's reply for an advice: its one closed fence, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.rewritten import LONGEST, SHORTEST, NoAdvice, advice_in

GOOD = "Prefer the passage whose title names the subject of the question."


def taken(reply: str, *, complete: bool = True, questions: tuple[str, ...] = ()) -> str:
    return advice_in(reply, complete=complete, questions=questions)


def test_the_text_of_the_fence_as_one_line() -> None:
    assert taken(f"Here it is:\n\n```text\n{GOOD}\n  And quote it.\n```\n") == f"{GOOD} And quote it."


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "no_closed_fence"),
        (GOOD, "no_closed_fence"),
        (f"```\n{GOOD}", "no_closed_fence"),
        (f"```\n{GOOD}\n```\n```\n{GOOD}\n```", "no_closed_fence"),
        (f"<think>Let me see. The advice could be\n```\n{GOOD}\n```\nor perhaps", "thought"),
        (f"```\n<think> {GOOD}\n```", "thought"),
        ("```\nToo short.\n```", "length: 10"),
        (f"```\n{GOOD * 20}\n```", "length: 1300"),
        ("```\nFill in {{question}} where it belongs, always.\n```", "marks"),
        ("```\n# Heading of something that is longer than twenty\n```", "marks"),
        ("```\nRing the bell\x07 whenever there is a quote.\n```", "marks"),
        ("```\nWhere asked what the limit of a voucher is, say five.\n```", "learnt_by_heart"),
    ],
)
def test_what_is_not_taken(reply: str, reason: str) -> None:
    with pytest.raises(NoAdvice, match=reason):
        taken(reply, questions=("What the limit of a voucher is, in region r7?",))


def test_what_was_cut_off_is_not_taken() -> None:
    with pytest.raises(NoAdvice, match="cut_off"):
        taken(f"```\n{GOOD}\n```", complete=False)


@given(st.text(alphabet=st.sampled_from("`\n\t abc{<.|"), max_size=200) | st.text(max_size=200), st.booleans())
def test_whatever_is_taken_is_a_plain_line_of_bounded_length(reply: str, complete: bool) -> None:
    try:
        text = taken(f"```\n{reply}\n```", complete=complete)
    except NoAdvice:
        return
    assert complete
    assert SHORTEST <= len(text) <= LONGEST
    assert text.isprintable()
    assert not set(text) & set("{}<>`#|\\")
