"""Every lever: registered once, bounded, deferring with a reason, and never turning what is not in the table."""

from __future__ import annotations

from typing import Any

import pytest

from bench.improvement.harness import LoopPlayer, run
from bench.improvement.scenarios import SCENARIOS
from workflow_cli.domain.improvement.arms import Arm, Draw, Overlay, assign
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design, fluff
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.judgement import Verdict
from workflow_cli.domain.improvement.knobs import KNOBS, ApprovalClass, allowed, approval_class, knob, moves_tools
from workflow_cli.domain.improvement.levers.registry import all_levers
from workflow_cli.domain.improvement.summary import summarise
from workflow_cli.domain.improvement.trust import Caps, distrusted
from workflow_cli.domain.improvement.utility import Worth
from workflow_cli.domain.improvement.window import Window


def test_ids_are_unique_and_each_lever_says_what_it_measures() -> None:
    levers = all_levers()
    assert len({lever.id for lever in levers}) == len(levers) == 20
    assert all(lever.signal for lever in levers)


@pytest.mark.parametrize("lever", all_levers(), ids=lambda lever: lever.id)
def test_with_no_events_and_no_settings_a_lever_proposes_nothing(lever: Any) -> None:
    seen = summarise(Window(), Worth(), now=0.0, most=100)
    assert all(isinstance(proposal, Deferred) for proposal in lever.propose(seen, {}))


@pytest.mark.parametrize("world", SCENARIOS, ids=lambda world: world.id)
def test_what_levers_propose_is_allowed_and_has_evidence(world: Any) -> None:
    """In every scenario, after eight cycles."""
    player = run(world(seed=2, cycles=8), LoopPlayer).player
    assert isinstance(player, LoopPlayer)
    settings = player.settings()
    known = {record["event_id"] for record in player.context.world.traffic.read(0)[0] if record}
    proposed = 0
    for lever in all_levers():
        for proposal in lever.propose(player.context.summary, settings):
            if isinstance(proposal, Deferred):
                assert proposal.reason
                continue
            proposed += 1
            assert proposal.lever == lever.id
            assert set(proposal.evidence) <= known
            assert proposal.evidence
            if proposal.design is not Design.APPROVAL:
                assert allowed(settings, proposal.changes) is None
    assert proposed


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"retrieval.depth": 9}, "out_of_bounds: retrieval.depth"),
        ({"retrieval.depth": 7}, "out_of_bounds: retrieval.depth"),
        ({"retrieval.depth": 5}, None),
        ({"retrieval.depth": True}, "out_of_bounds: retrieval.depth"),
        ({"retrieval.depth": float("nan")}, "out_of_bounds: retrieval.depth"),
        ({"policy.other_person": False}, "class_D: policy.other_person"),
        ({"route.": ["specs"]}, "class_D: route."),
        ({"route.code": ["model", "model"]}, "out_of_bounds: route.code"),
        ({"route.code": []}, "out_of_bounds: route.code"),
        ({"mcp.breaker": "yes"}, "out_of_bounds: mcp.breaker"),
        ({"models.by_kind": {"code": "a", "tool": "b"}}, "out_of_bounds: models.by_kind"),
    ],
)
def test_bounds(changes: dict[str, Any], reason: str | None) -> None:
    settings = {"retrieval.depth": 4, "route.code": ["model"], "models.by_kind": {}, "mcp.breaker": False}
    assert allowed(settings, changes) == reason


def test_the_strictest_class_counts() -> None:
    assert approval_class({"retrieval.depth": 5}) is ApprovalClass.A
    assert approval_class({"retrieval.depth": 5, "prompt.bullets": []}) is ApprovalClass.B
    assert approval_class({"policy.off": []}) is ApprovalClass.D
    assert all(knob(name) is not None for name in KNOBS if name != "route.")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"evidence": ()}, "no_evidence"),
        ({"lever": "wishful"}, "unknown_lever"),
        ({"design": Design.APPROVAL}, "no_document"),
    ],
)
def test_the_contract_against_talk(change: dict[str, Any], reason: str | None) -> None:
    fields: dict[str, Any] = {
        "lever": "cache-ttl",
        "scope": "*",
        "changes": {},
        "design": Design.TRACE,
        "hypothesis": "",
        "evidence": ("e",),
    }
    assert fluff(Candidate(**{**fields, **change}), Interval(0.01, 0.2), ["cache-ttl"]) == reason


def test_a_prediction_that_may_be_nothing_is_no_proposal() -> None:
    candidate = Candidate(lever="cache-ttl", scope="*", changes={}, design=Design.TRACE, hypothesis="", evidence=("e",))
    assert fluff(candidate, Interval(0.0, 0.4), ["cache-ttl"]) == "no_headroom"
    assert fluff(candidate, None, ["cache-ttl"]) == "no_prediction"


def test_blocks_of_two_have_one_of_each_arm() -> None:
    overlay = Overlay(experiment="e", draw=Draw.INTERLEAVED, scope="*", salt="s", changes={"a": 1})
    arms = [assign(overlay, "code", number, 0.0).arm for number in range(200)]
    assert all({arms[n], arms[n + 1]} == {Arm.BASE, Arm.TREATMENT} for n in range(0, 200, 2))
    assert arms[0::2].count(Arm.TREATMENT) in range(30, 71)


def verdicts(client: str, accepted: int, rejected: int) -> list[Verdict]:
    return [
        Verdict(id=f"{client}{n}", at=0, client=client, asked="", accepted=n < accepted, reference=(), answer=None)
        for n in range(accepted + rejected)
    ]


def test_who_rejects_everything_where_others_do_not_is_left_out() -> None:
    honest = [v for n in range(5) for v in verdicts(f"c{n}", 7, 3)]
    assert distrusted([*honest, *verdicts("poison", 0, 40)]) == {"poison"}
    assert distrusted(honest) == frozenset()
    assert distrusted(verdicts("alone", 0, 40)) == frozenset()


def test_no_client_of_many_gives_more_than_a_quarter() -> None:
    caps = Caps(8)
    taken = [client for n in range(400) for client in ("loud", "loud", "loud", f"c{n % 7}") if caps.takes(client)]
    assert taken.count("loud") <= 0.25 * len(taken) + 3
    alone = Caps(1)
    assert all(alone.takes("me") for _ in range(50))


@pytest.mark.parametrize(
    ("order", "moved"),
    [
        (["model", "mcp:tracker"], True),
        (["model"], True),
        (["mcp:other", "model"], True),
        (["mcp:tracker", "specs"], False),
        (["mcp:tracker", "model"], False),
    ],
)
def test_whether_a_route_moves_a_tool(order: list[str], moved: bool) -> None:
    settings = {"route.tool": ["mcp:tracker", "model"], "models.timeout": 40}
    assert moves_tools(settings, {"route.tool": order}) is moved
    assert moves_tools(settings, {"models.timeout": 30, "route.lookup": ["specs"]}) is False
