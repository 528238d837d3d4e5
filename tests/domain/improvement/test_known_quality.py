"""What is known of how good answers were, and the pairs that come of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.domain.improvement.arms import Arm, Draw, Overlay
from workflow_cli.domain.improvement.experiment import (
    Candidate,
    Design,
    Experiment,
    NotAnExperiment,
    experiment_from,
)
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.knobs import ApprovalClass
from workflow_cli.domain.improvement.known_quality import FITTING_AT_LEAST, KnownQuality
from workflow_cli.domain.improvement.levers.model_of_kind import ModelOfKind
from workflow_cli.domain.improvement.observation import Asked
from workflow_cli.domain.improvement.pairs import interleaved_pairs
from workflow_cli.domain.improvement.rule import Pair, Rule
from workflow_cli.domain.improvement.setting_values import fingerprint
from workflow_cli.domain.improvement.summary import summarise
from workflow_cli.domain.improvement.utility import Worth
from workflow_cli.domain.improvement.window import Window

LIMIT, LONGER = 15.0, 60.0
EXPERIMENT = Experiment(
    id="e",
    lever="longer-timeout",
    scope="*",
    design=Design.INTERLEAVED,
    approval=ApprovalClass.A,
    changes={"models.timeout": LONGER},
    before={"models.timeout": LIMIT},
    base="",
    hypothesis="",
    evidence=(),
    predicted=Interval(0.1, 0.2),
    rule=Rule(),
    policy="",
    evaluation_set="",
    salt="salt",
    verdict_rate=0.3,
    since=0.0,
    expires=1e9,
    by_reference=True,
    touches="model",
    beyond_ms=1000 * LIMIT,
)
OVERLAY = Overlay(experiment="e", draw=Draw.INTERLEAVED, scope="*", salt="salt", changes=EXPERIMENT.changes)


class Log:
    def __init__(self) -> None:
        self.window = Window()

    def ask(self, *, arm: Arm | None = None, **given: Any) -> Asked:
        """A question, in a unit that was drawn for the arm where one is given."""
        number = len(self.window.asked)
        kind = given.pop("kind", "code")
        if arm is not None:
            unit = 2 * number + (OVERLAY.arm(f"{kind}#{2 * number}") is not arm)
            given |= {"experiment": "e", "arm": arm.value, "unit": f"{kind}#{unit}"}
        event = {
            "event_id": f"a{number}",
            "ts": 1000.0 + number,
            "kind": "answer",
            "client": f"c{number % 9}",
            "question_kind": kind,
            "cluster": "things",
            "question": "what about things?",
            "outcome": "answered",
            "duration_ms": 10.0,
            "cites": ["place"],
            "attempts": [{"answerer": "model", "ok": True, "ms": 10.0}],
            **given,
        }
        self.window.add(event)
        return self.window.asked[-1]

    def say(self, asked: Asked, *, accepted: bool, reference: Sequence[str] = (), client: str = "c1") -> None:
        event = {"event_id": f"v{asked.id}", "ts": asked.at, "kind": "feedback", "client": client}
        self.window.add({**event, "answer_id": asked.id, "accepted": accepted, "reference": list(reference)})

    def quality(self, *, by_place: bool = True, rate: float = 0.3) -> list[tuple[float, float | None] | None]:
        known = KnownQuality(self.window, salt="salt", verdict_rate=rate, by_place=by_place)
        return [
            None if (one := known.of(asked)) is None else (one.quality, one.accepted) for asked in self.window.asked
        ]

    def pairs(self, experiment: Experiment = EXPERIMENT) -> list[Pair]:
        return list(interleaved_pairs(self.window, OVERLAY, experiment, Worth()))


def test_the_place_of_one_wording_is_that_of_all_wordings_of_its_cluster() -> None:
    log = Log()
    log.say(log.ask(), accepted=True)
    log.ask(question="and things?", kind="howto")
    log.ask(question="and things?", cites=["elsewhere"])
    log.ask(cluster="other things")
    assert log.quality() == [(1.0, 1.0), (1.0, None), (0.0, None), None]
    assert log.quality(by_place=False) == [(1.0, 1.0), None, None, None]


def test_passages_that_hold_the_place_are_worth_less_than_an_answer_that_names_it() -> None:
    log = Log()
    log.say(log.ask(), accepted=True)
    log.ask(cites=["x", "y", "place"])
    log.ask(cites=["x", "y", "z"])
    assert log.quality()[1:] == [(FITTING_AT_LEAST, None), (0.0, None)]


def test_a_person_counts_for_more_than_a_place() -> None:
    log = Log()
    log.say(log.ask(), accepted=True)
    log.say(log.ask(), accepted=False)
    assert log.quality()[1] == (0.0, 0.0)


def test_failures_are_as_often_known_as_answers_are_judged() -> None:
    """And where the place is known, always; but as what people accept they count as often as before."""
    log = Log()
    for _ in range(2000):
        log.ask(outcome="failed", cites=[], cluster="nobody knows")
    known = [one for one in log.quality() if one is not None]
    assert set(known) == {(0.0, 0.0)}
    assert len(known) / 2000 == pytest.approx(0.3, abs=0.04)
    log = Log()
    log.say(log.ask(), accepted=True)
    for _ in range(2000):
        log.ask(outcome="failed", cites=[])
    counted = log.quality()[1:]
    assert None not in counted
    assert sum(one == (0.0, 0.0) for one in counted) / 2000 == pytest.approx(0.3, abs=0.04)


def call(seconds: float, limit: float) -> dict[str, Any]:
    """A question that a model answers in so many seconds, unless it is cut off."""
    done = seconds <= limit
    ms = 1000 * min(seconds, limit)
    attempt = {"answerer": "model", "ok": done, "ms": ms, "failure": None if done else "timeout"}
    outcome = {"outcome": "answered" if done else "failed", "cites": ["place"] if done else []}
    return {"attempts": [attempt], "duration_ms": ms, **outcome}


def both_arms(times: Sequence[tuple[float, float]]) -> Log:
    """Seconds in the base and in the treatment, of one request each; everybody knows the place."""
    log = Log()
    log.say(log.ask(), accepted=True)
    for base, treated in times:
        log.ask(arm=Arm.BASE, **call(base, LIMIT))
        log.ask(arm=Arm.TREATMENT, **call(treated, LONGER))
    return log


def test_what_was_done_before_the_shorter_limit_differs_from_nothing() -> None:
    log = both_arms([(3.0, 9.0), (14.0, 2.0), (20.0, 25.0)])
    differences = [pair.difference for pair in log.pairs()]
    assert differences[:2] == [0.0, 0.0]
    assert differences[2:] == [pytest.approx(Worth().utility("code", 1.0, 25_000))]
    assert log.pairs()[2].base_failed
    assert not log.pairs()[2].treated_failed


def test_clocks_may_differ_where_a_call_was_cut_off() -> None:
    log = both_arms([(20.0, 25.0)])
    log.ask(arm=Arm.BASE, **(call(20.0, LIMIT) | {"attempts": [{"answerer": "model", "ok": False, "ms": 14_990}]}))
    log.ask(arm=Arm.TREATMENT, **call(30.0, LONGER))
    assert all(pair.difference > 0 for pair in log.pairs())
    assert len(log.pairs()) == 2


@settings(max_examples=25)
@given(st.integers(min_value=0, max_value=10_000))
def test_leaving_out_what_cannot_differ_moves_no_mean(seed: int) -> None:
    """It only takes away what chance adds: the mean is that of pairs of any two requests, and they differ by less."""
    chance = Random(seed)

    def seconds() -> float:
        return 12 * chance.lognormvariate(0, 0.6)

    log = both_arms([(seconds(), seconds()) for _ in range(300)])
    known = [pair.difference for pair in log.pairs()]
    plain = [pair.difference for pair in log.pairs(replace(EXPERIMENT, beyond_ms=None))]
    assert spread(known) < 0.8 * spread(plain)
    error = math.hypot(spread(known) / len(known) ** 0.5, spread(plain) / len(plain) ** 0.5)
    assert abs(fmean(known) - fmean(plain)) < 5 * error


def spread(values: Sequence[float]) -> float:
    mean = fmean(values)
    return math.sqrt(fmean((value - mean) ** 2 for value in values))


def test_who_never_answers_is_late_and_accepted_by_nobody() -> None:
    """An answer after the time of its kind is better than none: no guard may hold that up."""
    log = Log()
    for _ in range(60):
        log.ask(arm=Arm.BASE, **call(20.0, LIMIT))
        log.say(log.ask(arm=Arm.TREATMENT, **call(20.0, LONGER)), accepted=True)
    guards = [pair.guards for pair in log.pairs()]
    assert {guard["slow"] for guard in guards if "slow" in guard} == {0.0}
    assert {guard["acceptance"] for guard in guards if "acceptance" in guard} == {1.0}


@pytest.mark.parametrize("accepted", [True, False])
def test_another_model_is_compared_by_places_only_where_the_one_in_force_is_mostly_wrong(accepted: bool) -> None:
    """Whoever is wrong may name the right place all the same: that speaks for the one that is wrong more often."""
    log = Log()
    for n in range(12):
        log.say(log.ask(), accepted=accepted, reference=() if accepted else ("place",), client=f"c{n % 6}")
    for _ in range(20):
        log.ask(arm=Arm.BASE, cites=["elsewhere"])
        log.ask(arm=Arm.TREATMENT)
    (candidate,) = ModelOfKind().propose(
        summarise(log.window, Worth(), now=2000.0, most=100),
        {"models.available": ["small", "big"], "models.default": "small"},
    )
    assert isinstance(candidate, Candidate)
    assert candidate.by_reference is not accepted
    pairs = log.pairs(replace(EXPERIMENT, beyond_ms=None, by_reference=candidate.by_reference))
    assert bool(pairs) is not accepted


def test_what_another_version_registered_by_a_rule_with_other_thresholds_is_still_known() -> None:
    body = EXPERIMENT.as_json()
    rule = {**body["rule"], "judged_e": 3.0}
    assert experiment_from({**body, "rule": rule, "rule_hash": fingerprint(rule)}) == EXPERIMENT
    with pytest.raises(NotAnExperiment, match="not the one that was hashed"):
        experiment_from({**body, "rule": rule})
