"""A sentence of a model is kept only where each of its numbers is one of the facts it names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.feedback.narrative import Said, checked, fact, numbers_in

FACTS = {
    "answer.p95_ms": fact("answer.p95_ms", "95 of 100 took 1,480 ms, [1,390 ms … 1,510 ms]; worse", changed=True),
    "answer.count": fact("answer.count", "questions asked: 4,812", changed=False),
}


@pytest.mark.parametrize(
    ("text", "about", "holds"),
    [
        ("95 of 100 answers took 1,480 ms.", ["answer.p95_ms"], True),
        ("Answers got slower, to 1480 ms.", ["answer.p95_ms"], True),
        ("Answers got slower, to 1481 ms.", ["answer.p95_ms"], False),
        ("Answers got slower, to 1.48 s.", ["answer.p95_ms"], False),
        ("4,812 questions took 1,480 ms.", ["answer.p95_ms", "answer.count"], True),
        ("4,812 questions took 1,480 ms.", ["answer.count"], False),
        ("There were more questions.", ["answer.count"], False),
        ("Questions doubled.", ["answer.count"], False),
        ("The p95 is worth a look.", ["answer.p95_ms"], True),
        ("Look at this.", [], False),
        ("Look at this.", ["answer.p50_ms"], False),
        ("\u0664\u0668 questions were asked.", ["answer.count"], False),
        ("\uff14 questions were asked.", ["answer.count"], False),
        ("48\n12 questions were asked.", ["answer.count"], False),
        ("Ask " + "a" * 400, ["answer.count"], False),
    ],
)
def test_what_holds(text: str, about: list[str], holds: bool) -> None:
    kept, dropped = checked([Said(text=text, about=tuple(about))], FACTS)
    assert (len(kept), dropped) == ((1, 0) if holds else (0, 1))


@given(st.text(max_size=80), st.lists(st.sampled_from([*FACTS, "other"]), max_size=2))
def test_no_number_comes_through_that_is_not_in_the_facts(text: str, about: list[str]) -> None:
    kept, dropped = checked([Said(text=text, about=tuple(about))], FACTS)
    assert len(kept) + dropped == 1
    known = set().union(*(FACTS[id].numbers for id in about if id in FACTS))
    for sentence in kept:
        assert set(numbers_in(sentence)) <= known
        assert sentence.isprintable()
