"""What is pushed aside where a section is added, as far as anybody can know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.improvement.test_placed import CHOOSING, CLUSTER, Log
from workflow_cli.domain.improvement.displaced import asked_elsewhere, loss
from workflow_cli.domain.improvement.replayed import Placed


def placed(question: str, **places: float) -> Placed:
    return Placed(id=question, kind="lookup", cluster=question, question=question, places=places)


def test_a_known_place_is_lost_when_it_leaves_the_passages() -> None:
    others = [placed("q", a=1.0), placed("r", c=1.0)]
    before = {"q": ("b", "a"), "r": ("c", "d")}
    seen = loss(others, before, {"q": ("new", "b"), "r": ("c", "new")})
    assert (seen.lost, seen.held) == (1.0, 2.0)


def test_of_a_place_nobody_knows_counts_how_often_known_places_stand_there() -> None:
    """Nine known places come first, so that what drops out of the third place is hardly ever the one."""
    others = [*(placed(f"k{n}", a=1.0) for n in range(9)), placed("q")]
    before = {one.question: ("a", "b", "c") for one in others}
    after = {**before, "q": ("new", "a", "b")}
    assert loss(others, before, after).lost == pytest.approx(1 / 30)
    # As many known places at the end as at the beginning.
    others[:4] = [placed(f"k{n}", c=1.0) for n in range(4)]
    assert loss(others, before, after).lost == pytest.approx((4 + 1 / 3) / 10)


def test_what_cannot_be_sought_is_no_loss() -> None:
    assert loss([placed("q", a=1.0)], {"q": ("a",)}, {}).held == 0.0
    assert loss([placed("q")], {"q": ()}, {"q": ("new",)}).lost == 0.0


passages = st.lists(st.sampled_from("abcdef"), max_size=5, unique=True).map(tuple)


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abcdef"), st.floats(0.0, 0.3), max_size=3), passages, passages),
        max_size=8,
    )
)
def test_never_more_is_lost_than_was_there_and_nothing_where_nothing_moves(
    rows: list[tuple[dict[str, float], tuple[str, ...], tuple[str, ...]]],
) -> None:
    others = [placed(str(n), **places) for n, (places, _, _) in enumerate(rows)]
    before = {str(n): row[1] for n, row in enumerate(rows)}
    seen = loss(others, before, {str(n): row[2] for n, row in enumerate(rows)})
    assert 0.0 <= seen.lost <= seen.held + 1e-9
    assert loss(others, before, before).lost == 0.0
    reordered = {question: tuple(reversed(found)) for question, found in before.items()}
    assert loss(others, before, reordered).lost == 0.0


def test_others_are_the_newest_questions_of_other_clusters_each_once() -> None:
    log = Log()
    for day, question in enumerate(("old", "new", "new", "newest")):
        log.ask(day=day, question=question)
    log.ask(day=5, question="own", cluster=CHOOSING)
    found = asked_elsewhere(log.seen(), {CHOOSING}, 2)
    assert [one.question for one in found] == ["newest", "new"]
    assert all(one.places == {} for one in found)


def test_the_place_of_one_wording_is_that_of_the_others() -> None:
    log = Log()
    log.say(log.ask(day=1, question="one", cites=("a",)), accepted=True)
    log.ask(day=2, question="other", cites=("b",))
    assert [dict(one.places) for one in asked_elsewhere(log.seen(), {CHOOSING}, 9)] == [{"a": 1.0}, {"a": 1.0}]


def test_what_people_answered_themselves_has_no_place_to_lose() -> None:
    log = Log()
    id = log.ask(day=1, question="one")
    log.say(id, accepted=False, answer="It is so.")
    assert asked_elsewhere(log.seen(), {CHOOSING}, 9) == []
    assert CLUSTER != CHOOSING
