"""Whose verdicts count, and how many: nobody decides for the others, in whatever order people say it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.judgement import Suggestion
from workflow_cli.domain.improvement.trust import FREE, fair, share_of_one

Sayings = Sequence[tuple[str, bool]]


def said(sayings: Sayings) -> list[Suggestion]:
    return [
        Suggestion(id=f"v{n}", at=float(n), client=client, rule="r", accepted=accepted, about=f"f{n}")
        for n, (client, accepted) in enumerate(sayings)
    ]


_sayings = st.lists(st.tuples(st.sampled_from("aaaabbcde"), st.booleans()), max_size=200)


@given(sayings=_sayings, seed=st.integers(0, 1000))
def test_how_many_of_each_count_is_the_same_in_any_order(sayings: Sayings, seed: int) -> None:
    mixed = list(sayings)
    random.Random(seed).shuffle(mixed)
    assert Counter(v.client for v in fair(said(sayings))) == Counter(v.client for v in fair(said(mixed)))


@given(sayings=_sayings)
def test_nobody_has_more_than_the_share_and_nothing_is_wasted(sayings: Sayings) -> None:
    everything = said(sayings)
    heard = fair(everything)
    of, given_by = Counter(v.client for v in heard), Counter(v.client for v in everything)
    most = max(FREE, share_of_one(len(given_by)) * len(heard))
    assert all(count <= most for count in of.values())
    assert heard == [v for v in everything if v in heard]
    capped = {client for client in of if of[client] < given_by[client]}
    assert len({of[client] for client in capped}) <= 1, "whoever has more than may count is cut to the same"
    one_more = sum(min(given_by[client], of[client] + (client in capped)) for client in of)
    assert not capped or max(of[client] for client in capped) + 1 > max(FREE, share_of_one(len(given_by)) * one_more)


def test_one_who_works_alone_is_heard_and_few_are_heard_whole() -> None:
    assert len(fair(said([("me", False)] * 50))) == 50
    five = said([(client, n < 20) for client in "abcde" for n in range(80)])
    assert fair(five) == five, "a fifth each is nobody's majority"
    assert len(fair(said([("me", False)] * 50), clients=4)) == FREE


def test_a_sitting_is_heard_from_its_beginning_to_its_end() -> None:
    """Who is cut is cut evenly: first rejections, then acceptances, and a share of both."""
    others = [(client, True) for client in "abcdef" for _ in range(10)]
    heard = fair(said([*[("loud", False)] * 60, *[("loud", True)] * 60, *others]))
    loud = [v.accepted for v in heard if v.client == "loud"]
    assert len(loud) == 20
    assert loud.count(True) == 10
