"""Which lines OpenSpec takes for fenced code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.openspec.fence import fence_mask, unclosed_fence

LINES = st.lists(
    st.sampled_from(["```", "~~~", "````", "  ```", "``` x", "- ```", "# a", "", "~~~~ ", "text"]), max_size=12
)


@pytest.mark.parametrize("opener", ["```", "~~~", "````", "```json", "    ```", "\t~~~", "```npm i```", "\u00a0```"])
def test_openers(opener: str) -> None:
    """Any indentation, three or more of one character, then anything."""
    assert fence_mask([opener, "# a"]) == [True, True]


@pytest.mark.parametrize("line", ["``", "- ```", "> ```", "a ```", "` ``", "\x1c```"])
def test_no_openers(line: str) -> None:
    """List markers and quotes are not looked behind."""
    assert fence_mask([line, "# a"]) == [False, False]


@pytest.mark.parametrize(
    ("closer", "closes"),
    [("```", True), ("`````", True), ("  ``` ", True), ("``", False), ("~~~", False), ("``` x", False)],
)
def test_closers(closer: str, closes: bool) -> None:
    """The same character, at least as long, nothing but white space around."""
    assert fence_mask(["```", "x", closer, "y"]) == [True, True, True, not closes]


def test_an_unclosed_fence_runs_to_the_end_and_is_named() -> None:
    """Its opening line is known."""
    assert fence_mask(["a", "```", "b", ""]) == [False, True, True, True]
    assert unclosed_fence(["a", "```", "b", ""]) == 1
    assert unclosed_fence(["```", "```"]) is None


@given(LINES, LINES)
def test_a_closed_beginning_does_not_reach_further(before: list[str], after: list[str]) -> None:
    """Where no fence is open, what follows is read as if it stood alone."""
    if unclosed_fence(before) is None:
        assert fence_mask([*before, *after]) == fence_mask(before) + fence_mask(after)
