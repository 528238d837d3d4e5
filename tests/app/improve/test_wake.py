"""When a cycle looks again although nothing is new."""

from __future__ import annotations

from workflow_cli.app.improve.wake import wakes_at
from workflow_cli.domain.improvement.experiment import Design, Experiment
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.knobs import ApprovalClass
from workflow_cli.domain.improvement.rule import Rule
from workflow_cli.domain.improvement.state import State

HOUR = 3600.0


def experiment(*, expires: float = 0.0, probation: float = 0.0) -> Experiment:
    return Experiment(
        id="e",
        lever="some-lever",
        scope="*",
        design=Design.TRACE,
        approval=ApprovalClass.A,
        changes={},
        before={},
        base="b",
        hypothesis="h",
        evidence=(),
        predicted=Interval(0.0, 1.0),
        rule=Rule(probation_seconds=probation),
        policy="p",
        evaluation_set="s",
        salt="salt",
        verdict_rate=0.0,
        since=0.0,
        expires=expires,
    )


def test_with_nothing_under_way_some_hours_later() -> None:
    assert wakes_at(State(), 100.0) == 100.0 + 6 * HOUR


def test_when_the_experiment_ends() -> None:
    assert wakes_at(State(running=experiment(expires=HOUR)), 100.0) == HOUR
    assert wakes_at(State(running=experiment(expires=90 * HOUR)), 100.0) == 100.0 + 6 * HOUR


def test_when_the_probation_ends() -> None:
    on_probation = State(probation=experiment(probation=2 * HOUR), probation_since=50.0)
    assert wakes_at(on_probation, 100.0) == 50.0 + 2 * HOUR
