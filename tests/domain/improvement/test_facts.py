"""How often the same thing counts as a fact."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.evidence import sign_e_value
from workflow_cli.domain.improvement.facts import Facts
from workflow_cli.domain.improvement.replayed import Placed
from workflow_cli.domain.improvement.rule import Rule


def placed(cluster: str, question: str) -> Placed:
    return Placed(id="e", kind="lookup", cluster=cluster, question=question, places={"x": 1.0})


def signs(asked: Sequence[tuple[str, str, float]]) -> list[int]:
    facts = Facts()
    return [facts.sign(placed(cluster, question), credit) for cluster, question, credit in asked]


def test_a_place_has_to_be_found_or_lost() -> None:
    assert signs([("a", "q", 0.7), ("b", "q", -0.7), ("c", "q", 0.3), ("d", "q", -0.3), ("e", "q", 0.0)]) == [
        1,
        -1,
        0,
        0,
        0,
    ]


def test_what_is_asked_every_day_counts_five_times() -> None:
    assert signs([("a", "q", 0.7)] * 7) == [1, 1, 1, 1, 1, 0, 0]


def test_so_does_what_is_asked_in_many_words() -> None:
    assert signs([("a", f"q{n}", 0.7) for n in range(7)]) == [1, 1, 1, 1, 1, 0, 0]


def test_one_thing_alone_decides_nothing() -> None:
    wins = sum(signs([("a", f"q{n}", 0.7) for n in range(100)]))
    assert 1 < sign_e_value(wins, 0) < Rule().keep_e


def test_what_is_no_fact_takes_no_place() -> None:
    assert signs([("a", "q", 0.1)] * 3 + [("a", "q", -0.9)]) == [0, 0, 0, -1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("pqrst"), st.floats(-1, 1)), max_size=60))
def test_nothing_counts_more_than_its_share(asked: list[tuple[str, str, float]]) -> None:
    counted = [cluster for (cluster, _, _), sign in zip(asked, signs(asked), strict=True) if sign]
    assert all(counted.count(one) <= 5 for one in counted)
