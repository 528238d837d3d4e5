"""The keywords of steps, as they are written."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workflow_cli.domain.openspec.rules.steps import _LEAD, _WORDS, StepKind, _bold, _plain, steps

KEYWORDS = [word for words in _WORDS.values() for word in words.split("|")]


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("- **WHEN** it rings", StepKind.WHEN, "it rings"),
        ("* __given__ x", None, ""),
        ("- __given __ x", StepKind.GIVEN, "x"),
        ("**Then it:** ends", StepKind.THEN, "ends"),
        ("1. and: so on", StepKind.AND, ": so on"),
        ("Dado que llueve", StepKind.GIVEN, "llueve"),
        ("那么结束", StepKind.THEN, "结束"),
        ("**Note** x", None, ""),
        ("whenever it rings", StepKind.WHEN, "it rings"),
        ("whence it rings", None, ""),
    ],
)
def test_a_step_begins_with_a_keyword(line: str, kind: StepKind | None, text: str) -> None:
    """Bold or plain, in the words of many languages, in any case; what follows it is the step's text."""
    assert [(step.kind, step.text) for step in steps((line,))] == ([(kind, text)] if kind else [])


@given(
    st.sampled_from(["%s", "**%s**", "__%s", "** %s x**", "***%s**", "**%s"]),
    st.sampled_from([*KEYWORDS, *map(str.upper, KEYWORDS)]) | st.text("aeon şİ时_-", max_size=4),
    st.sampled_from(["", " x", ":", "s", "_", "**", "：x", " 时", "\u00a0"]),
)
def test_the_short_way_says_what_the_patterns_say(form: str, word: str, rest: str) -> None:
    """Keywords of one English word are told without the patterns, to the same column."""
    line = form % word + rest
    lead = _LEAD.match(line)
    assume(lead is None or not lead.end())  # what stands before a step is passed over
    patterns = _bold() if line.startswith(("**", "__")) else _plain()
    matches = ((kind, match.end()) for kind, pattern in patterns.items() if (match := pattern.match(line)))
    expected = next(matches, None)
    assert [(step.kind, step.column) for step in steps((line,))] == ([expected] if expected else [])
