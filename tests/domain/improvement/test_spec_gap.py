"""Which questions are a sign of a missing requirement, and what the requirement would say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.improvement.test_placed import CLUSTER, Log
from workflow_cli.domain.improvement.experiment import Candidate, Deferred
from workflow_cli.domain.improvement.gap_text import added_requirement, requirement_of
from workflow_cli.domain.improvement.levers.spec_gap import SpecGap
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.spec import read_spec

WORDINGS = ("how long is a gift card valid", "gift card valid how long", "gift card valid", "card how long")


def log_of(wordings: tuple[str, ...], *, told: int = 0, accepted: int = 0, reference: tuple[str, ...] = ()) -> Log:
    """Each wording on a day of its own; the first `told` were answered by people, the next accepted."""
    log = Log()
    for number, wording in enumerate(wordings):
        id = log.ask(day=number, question=wording)
        if number < told:
            log.say(id, accepted=False, answer="For 24 months.", client=f"p{number}", reference=reference)
        elif number < told + accepted:
            log.say(id, accepted=True, client=f"p{number}")
    return log


def proposed(log: Log) -> list[Candidate | Deferred]:
    return list(SpecGap().propose(log.seen(), {}))


def test_answers_in_peoples_own_words_are_a_sign_even_where_a_model_is_often_right() -> None:
    (found,) = proposed(log_of(WORDINGS * 2, told=2, accepted=5))
    assert isinstance(found, Candidate)
    assert (found.scope, (found.document or {})["answer"]) == (CLUSTER, "For 24 months.")


def test_what_a_person_answered_does_not_say_how_well_questions_are_found() -> None:
    """It is the only answer that anybody accepted, so that nothing is known of what is found well."""
    log = Log()
    for day in range(3):
        id = log.ask(day=day, question="gift card valid", outcome="abstained", cites=(), score=0.4)
    log.say(id, accepted=True, answer="For 24 months.")
    (found,) = proposed(log)
    assert isinstance(found, Candidate)


def test_an_answer_that_is_too_long_is_named_as_the_reason() -> None:
    log = Log()
    for day in range(3):
        id = log.ask(day=day, question="gift card valid", outcome="abstained", cites=(), score=0.4)
    log.say(id, accepted=True, too_long=True)
    (found,) = proposed(log)
    assert isinstance(found, Deferred)
    assert found.reason == "answer_too_long"


def test_one_answer_is_none_where_most_are_accepted() -> None:
    (found,) = proposed(log_of(WORDINGS, told=1, accepted=3))
    assert isinstance(found, Deferred)
    assert found.reason == "no_headroom"


def test_a_place_that_a_person_named_is_no_gap() -> None:
    (found,) = proposed(log_of(WORDINGS, told=2, reference=("cart/Requirement: Gift cards",)))
    assert isinstance(found, Deferred)


def test_clusters_that_are_alike_count_together_and_are_proposed_as_one() -> None:
    log = Log()
    for number, wording in enumerate(WORDINGS[:3]):
        log.say(log.ask(day=number, question=wording, cluster=f"topic {number}"), accepted=False, answer="24 months.")
    log.say(log.ask(day=4, question="gift card paid how", cluster="paying"), accepted=False, reference=("a",))
    (found,) = proposed(log)
    assert isinstance(found, Candidate)
    assert (found.scope, (found.document or {})["clusters"]) == ("topic 0", ["topic 0", "topic 1", "topic 2"])


@pytest.mark.parametrize("count", [2, 3, 4])
def test_half_of_the_wordings_are_held_out_and_the_draft_has_the_words_of_most(count: int) -> None:
    """Of two that say the same it is named as it is asked more often."""
    wordings = WORDINGS[:count]
    (found,) = proposed(log_of((*wordings, *wordings, WORDINGS[0]), told=2))
    document = (found.document if isinstance(found, Candidate) else None) or {}
    drafted_from = [document["question"], *document["also"]]
    assert document["question"] == WORDINGS[0]
    assert len(drafted_from) == (count + 1) // 2
    assert sorted([*drafted_from, *document["held_out"]]) == sorted(wordings)


@given(
    st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=4),
    st.text(min_size=1, max_size=200),
    st.lists(st.text(max_size=20), max_size=3),
)
def test_whatever_was_asked_and_said_is_one_requirement(questions: list[str], answer: str, known: list[str]) -> None:
    text = requirement_of(questions, answer, known)
    spec = read_spec("x", Document(file="spec.md", data=f"## Requirements\n\n{text}".encode("utf-8", "replace")))
    (requirement,) = spec.requirements
    assert requirement.name == added_requirement(text)
    assert requirement.name.casefold() not in {name.casefold() for name in known}
    assert len({scenario.name for scenario in requirement.scenarios}) == len(questions)
