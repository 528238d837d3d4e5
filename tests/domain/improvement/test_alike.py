"""Clusters of questions that are about nearly the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.alike import groups
from workflow_cli.domain.words.stop_words import telling_terms


def test_most_of_what_both_ask_about_has_to_be_the_same() -> None:
    words = {
        "one": {"gift", "card", "valid", "long"},
        "shorter": {"gift", "card", "valid"},
        "other": {"gift", "card", "pay"},
        "wordless": set(),
        "speechless": set(),
    }
    assert groups(words) == [["one", "shorter"], ["other"], ["wordless"], ["speechless"]]


def test_of_a_chain_only_what_is_like_its_leader_belongs_to_it() -> None:
    words = {"a": {"1", "2", "3", "4"}, "b": {"2", "3", "4", "5"}, "c": {"3", "4", "5", "6"}}
    assert groups(words) == [["a", "b"], ["c"]]


def test_the_likest_leader_is_taken() -> None:
    words = {"a": {"1", "2", "3", "4", "5"}, "b": {"1", "2", "3"}, "c": {"1", "2", "3", "4"}}
    assert groups(words) == [["a", "b", "c"]]
    words = {"a": {"1", "2", "3", "7", "8"}, "b": {"1", "2", "3", "4", "5"}, "c": {"1", "2", "3", "4"}}
    assert groups(words) == [["a"], ["b", "c"]]


@given(st.dictionaries(st.text(max_size=3), st.sets(st.sampled_from("abcdef")), max_size=12))
def test_every_cluster_is_in_one_group_and_leaders_come_first(words: dict[str, set[str]]) -> None:
    found = groups(words)
    assert sorted(one for group in found for one in group) == sorted(words)
    order = list(words)
    for leader, *others in found:
        for other in others:
            assert order.index(leader) < order.index(other)
            assert len(words[leader] & words[other]) >= 0.6 * len(words[leader] | words[other])


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("How many polygons may a model have at most?", "models: polygon limit?"),
        ("How much memory may a worker use?", "memory a worker uses"),
        ("¿Cuántos polígonos tiene un modelo?", "polígonos modelo"),
    ],
)
def test_asking_for_a_number_is_nothing_that_is_asked_about(question: str, other: str) -> None:
    words = {text: telling_terms(text) for text in (question, other)}
    assert groups(words) == [[question, other]]
