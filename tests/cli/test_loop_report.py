"""What the report says of one change that was kept: names, values and reasons as a person reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_cli.cli.invocation import Invocation
from workflow_cli.cli.loop_report import show_report
from workflow_cli.domain.improvement.experiment import Design, Experiment
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.knobs import ApprovalClass
from workflow_cli.domain.improvement.record import Reading, Record, RecordType, seal
from workflow_cli.domain.improvement.rule import Rule
from workflow_cli.domain.improvement.state import state_of
from workflow_cli.domain.improvement.story import Kept, Story, Watched, story_of

AT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC).timestamp()

EXPERIMENT = Experiment(
    id="abcdef0123456789",
    lever="some-lever",
    scope="*",
    design=Design.TRACE,
    approval=ApprovalClass.A,
    changes={},
    before={},
    base="b",
    hypothesis="h",
    evidence=("e",),
    predicted=Interval(0.0, 1.0),
    rule=Rule(),
    policy="p",
    evaluation_set="s",
    salt="salt",
    verdict_rate=0.3,
    since=AT,
    expires=AT,
    share=0.5,
)


def told(capsys: pytest.CaptureFixture[str], before: Any, after: Any, **more: Any) -> str:
    experiment = replace(EXPERIMENT, changes=after, before=before)
    watched = Watched(until=AT + 7200, requests=40, mean=0.125, interval=(-0.5, 0.75), pairs=9)
    figures = {"mean": 0.1, "interval": (0.05, 0.15), "e": 31.875, "pairs": 84, "state": "kept", "requests": 100}
    figures |= {"watched": watched}
    kept = Kept(experiment=experiment, at=AT, **{**figures, **more})
    empty = Reading(records=(), set_aside={}, gaps=0)
    story = Story(
        state=state_of(empty),
        since=AT,
        kept=[kept],
        documents=[],
        reverts={"no_gain": 2, "unheard_of": 1},
        checks={"aa": (3, 3)},
        deferred={},
    )
    assert show_report(Invocation(), story) == 0
    return capsys.readouterr().out


def test_a_change_that_was_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, {"retrieval.depth": 1}, {"retrieval.depth": 3}) == (
        "since Mon 2026-03-02 07:30Z: 0 experiments, 1 kept, 0 taken back, 3 not kept\n"
        "gained by what is kept, while it was compared: +5.0 answers (95 %: -20.0 to +30.0); "
        "one is a question answered right and in time\n"
        "kept:\n"
        "  Mon 2026-03-02 07:30Z  some-lever: retrieval.passages 1 → 3\n"
        "      measured: +0.100 a question (95 %: +0.050 to +0.150), 84 pairs, e = 31.9 (20 is enough)\n"
        "      watched until Mon 2026-03-02 09:30Z: +0.125 a question (95 %: -0.500 to +0.750), 9 held back, of 40 questions\n"
        "      since then: 100 questions, 50 of which it makes a difference to\n"
        "not kept:\n"
        "  2 × no gain was seen (no_gain)\n"
        "  1 × unheard_of\n"
        "checks of the loop itself: 3 of 3 experiments with equal arms that were not kept\n"
    )


def test_nothing_is_gained_by_what_nobody_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """However much it promised, and however much was asked since."""
    shown = told(capsys, {"mcp.timeout": 10}, {"mcp.timeout": 1.7}, watched=None, requests=5000)
    assert "gained" not in shown
    assert "not counted: 1 kept that nothing was compared with, or not to the end of its probation\n" in shown


def test_a_loss_that_was_measured_is_no_gain_afterwards() -> None:
    """Seven of 112 were held back, and did better by half an answer each; more than a thousand were asked since."""
    figures = {"mean": 0.16, "interval": [-0.25, 0.73], "e": 99864.3, "pairs": 20, "reason": "gain: e=99864.3"}
    shown = {"mean": -0.522793, "interval": [-1.0, 1.0], "pairs": 7}
    registered = {**EXPERIMENT.as_json(), "design": "trace"}
    records: list[Record] = []
    for type, body, at in (
        (RecordType.REGISTER, registered, AT),
        (RecordType.DECIDE, {"experiment": EXPERIMENT.id, "ruling": "keep", **figures}, AT),
        (RecordType.PROMOTE, {"experiment": EXPERIMENT.id, "to": {}, "promotion": {}}, AT),
        (RecordType.PROBATION_END, {"experiment": EXPERIMENT.id, **shown}, AT + 28800),
    ):
        records.append(seal(records[-1] if records else None, type, body, at=at))
    reading = Reading(records=tuple(records), set_aside={}, gaps=0)
    story = story_of(reading, requests=lambda _, since: 1120 + 112 if since <= AT else 1120)
    assert story.net[0] == pytest.approx(-58.55, abs=0.01)
    assert story.unknown == 0


def test_a_change_that_was_taken_back_says_when_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    until = AT + 3600
    shown = told(
        capsys, {"mcp.timeout": 10}, {"mcp.timeout": 1.7}, state="rolled_back", why="harm: e=15.2", until=until
    )
    assert "0 kept, 1 taken back" in shown
    assert "gained" not in shown
    assert "taken back:\n  Mon 2026-03-02 07:30Z  some-lever: answers.budgets: tools 10 → 1.7\n" in shown
    assert "      taken back Mon 2026-03-02 08:30Z: it did harm (harm: e=15.2)\n" in shown


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"retrieval.glossary": {"a": "b"}}, {"retrieval.glossary": {"a": "b", "c": "d"}}, "retrieval.synonyms: c = d"),
        ({"models.by_kind": {"code": "s"}}, {"models.by_kind": {"code": "b"}}, "lm_studio.models_by_kind: code s → b"),
        ({"models.by_kind": {"code": "s"}}, {"models.by_kind": {}}, "lm_studio.models_by_kind: code s → nothing"),
        (
            {"retrieval.glossary": {}},
            {"retrieval.glossary": {f"w{n}": "x" for n in range(7)}},
            "w3 = x, w4 = x and 2 more",
        ),
        ({}, {"made.up": "x" * 99}, f"made.up = {'x' * 59}…\n"),
        ({"made.up": "\x1b[2J"}, {"made.up": "a\nb"}, "made.up \\x1b[2J → a\\nb\n"),
    ],
)
def test_values_are_short_and_harmless(capsys: pytest.CaptureFixture[str], before: Any, after: Any, shown: str) -> None:
    assert shown in told(capsys, before, after)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"models.retries": 0}, {"models.retries": 1}, "lm_studio.attempts 1 → 2"),
        ({"mcp.breaker": False}, {"mcp.breaker": True}, "answers.breaker_failures = 2, answers.breaker_seconds = 300"),
        ({"answers.cache_ttl": 3600}, {"answers.cache_ttl": 600.0}, "answers.cache_cited_seconds 3600 → 600"),
        # As long as seven days, or for as long as they say the same.
        ({"answers.cache_ttl": 604800}, {"answers.cache_ttl": 600.0}, "answers.cache_cited_seconds = 600"),
        (
            {"route.tool": ["mcp", "specs"]},
            {"route.tool": ["specs", "mcp"]},
            'answers.order_tool ["tools", "specs"] → ["specs", "tools"]',
        ),
        ({"prompt.bullets": []}, {"prompt.bullets": ["exact-quotes"]}, 'answers.bullets [] → ["exact-quotes"]'),
        ({"prompt.advice": ""}, {"prompt.advice": "Be brief."}, "answers.advice = Be brief."),
        ({"rules.thresholds": {}}, {"rules.thresholds": {"a-rule": 0.5}}, "rules.thresholds: a-rule = 0.5"),
        (
            {"mcp.timeout": 10, "models.timeout": 40},
            {"mcp.timeout": 5, "models.timeout": 20},
            "answers.budgets: tools 10 → 5, model 40 → 20",
        ),
    ],
)
def test_a_change_is_told_as_it_is_in_the_settings(
    capsys: pytest.CaptureFixture[str], before: Any, after: Any, shown: str
) -> None:
    """Of what a knob does not tell of the settings before, nothing is made up."""
    assert f"some-lever: {shown}\n" in told(capsys, before, after)


def test_what_was_kept_because_it_is_sooner_is_not_said_to_have_reached_the_threshold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "e = 4.2, and sooner for sure\n" in told(capsys, {}, {"made.up": 1}, e=4.2)
    assert "e > 1000 (20 is enough)\n" in told(capsys, {}, {"made.up": 1}, e=float("inf"))
