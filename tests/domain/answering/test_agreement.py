"""Whether vectors have anything to do with a question."""

from __future__ import annotations

import random

from workflow_cli.domain.answering.agreement import agrees


def test_vectors_that_put_what_words_found_before_most_others_agree() -> None:
    near = {id: 1 / (1 + id) for id in range(200)}
    assert agrees(near, range(30))
    assert agrees(near, range(0, 90, 3))
    assert not agrees(near, range(170, 200))


def test_noise_agrees_with_one_question_in_a_hundred() -> None:
    chance = random.Random(7)
    passed = 0
    for _ in range(1_000):
        near = {id: chance.random() for id in range(150)}
        passed += agrees(near, chance.sample(range(150), 30))
    assert passed <= 25


def test_where_too_little_can_be_compared_vectors_are_believed() -> None:
    near = {1: 0.1, 2: 0.9, 3: 0.5}
    assert agrees(near, {1, 2})
    assert agrees(near, ())
    assert agrees({}, {1, 2, 3})
