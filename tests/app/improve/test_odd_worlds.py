"""Worlds that are hardly any: nobody asks, nobody answers, everybody praises, somebody forges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import pytest

from bench.improvement.harness import LoopPlayer, run
from bench.improvement.judge import judge
from bench.improvement.world import Call, Request, Served, World
from workflow_cli.domain.improvement.record import RecordType


class Plain(World):
    """The documents answer sooner, and as well; nobody has turned anything yet."""

    chance = 0.7
    said = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        self.settings = {
            "route.lookup": ["model", "specs"],
            "models.timeout": 2.0,
            "retrieval.depth": 2,
            "answers.cache_ttl": 0,
            "answers.cache_invalidation": "ttl",
            "mcp.breaker": False,
            "mcp.timeout": 30.0,
        }
        self.kinds = {"lookup": 1.0}

    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        first = settings["route.lookup"][0]
        ms = (300 if first == "specs" else 3000) * self.random.lognormvariate(0, 0.4)
        right = self.random.random() < self.chance
        verdict = self.verdict(right) if self.random.random() < self.said else None
        cites = ["right place" if right else "elsewhere"]
        return Served(ms=ms, quality=float(right), calls=[Call(answerer=first, ms=ms)], cites=cites, verdict=verdict)

    def replay(self, request: Request, settings: Mapping[str, Any]) -> Served | None:
        return self.serve(request, settings)

    def verdict(self, right: bool) -> bool:
        return right


class NobodyAsks(Plain):
    def requests(self, cycle: int) -> Iterable[Request]:
        return ()


class OneACycle(Plain):
    def requests(self, cycle: int) -> Iterable[Request]:
        return list(super().requests(cycle))[:1]


class NoModel(Plain):
    def replay(self, request: Request, settings: Mapping[str, Any]) -> Served | None:
        return None


class AllRejected(Plain):
    def verdict(self, right: bool) -> bool:
        return False


class AllAccepted(Plain):
    def verdict(self, right: bool) -> bool:
        return True


class AllLate(Plain):
    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        first, limit = settings["route.lookup"][0], 1000 * settings["models.timeout"]
        calls = [Call(answerer=first, ms=limit, failure="timeout")]
        return Served(ms=limit, quality=0.0, calls=calls, outcome="failed")


class OneClient(Plain):
    def requests(self, cycle: int) -> Iterable[Request]:
        for one in super().requests(cycle):
            yield Request(at=one.at, kind=one.kind, question=one.question, cluster=one.cluster, client="me")


class WeeksApart(Plain):
    """All of a cycle's traffic within five hours, and then nothing for three weeks."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.seconds = 21 * 86400.0

    def requests(self, cycle: int) -> Iterable[Request]:
        begin = cycle * self.seconds
        for one in super().requests(cycle):
            at = begin + (one.at - begin) / 100
            yield Request(at=at, kind=one.kind, question=one.question, cluster=one.cluster, client=one.client)


ODD = [NobodyAsks, OneACycle, NoModel, AllRejected, AllAccepted, AllLate, OneClient, WeeksApart]


@pytest.mark.parametrize("world", ODD, ids=lambda world: world.__name__)
def test_nothing_harmful_is_ever_kept(world: type[World]) -> None:
    """And the loop neither fails nor freezes; where there is nothing to go by, it keeps nothing."""
    for seed in range(2):
        judged = judge(run(world(seed=seed), LoopPlayer))
        assert (judged.harmful, judged.worse, judged.unfounded, judged.frozen) == (0, False, 0, None)
        if world in (NobodyAsks, OneACycle, AllRejected, AllLate, WeeksApart):
            assert judged.kept == 0


class Forged(Plain):
    """The documents are wrong, but asked again for nobody they seem right; a forger praises whatever was tried with them.

    The forger can write to the log, and claims an arm without knowing the salt.
    """

    share = 1.0

    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        self.chance = 0.3 if settings["route.lookup"][0] == "specs" else 0.7
        return super().serve(request, settings)

    def replay(self, request: Request, settings: Mapping[str, Any]) -> Served | None:
        self.chance = 0.9
        return super().serve(request, settings)

    def lines(self, events: list[dict[str, Any]]) -> Iterable[dict[str, Any] | None]:
        random = Random(f"{self.seed}/{len(events)}")
        for event in events:
            yield event
            if event.get("experiment") and random.random() < self.share:
                id = f"{event['event_id']}forged"
                unit = f"{event['question_kind']}#{random.randrange(10**9)}"
                yield {
                    **event,
                    "event_id": id,
                    "arm": "treatment",
                    "unit": unit,
                    "outcome": "answered",
                    "duration_ms": 1.0,
                }
                yield {
                    "kind": "feedback",
                    "event_id": f"{id}verdict",
                    "ts": event["ts"],
                    "client": f"c{random.randrange(8)}",
                    "answer_id": id,
                    "accepted": True,
                }


def test_among_forged_events_nothing_is_decided() -> None:
    """Half of what is made up claims the arm that it would have been drawn for."""
    for seed in range(3):
        player = run(Forged(seed=seed), LoopPlayer).player
        assert isinstance(player, LoopPlayer)
        assert player.settings()["route.lookup"] == ["model", "specs"]
        assert [k for k in player.kept if "route.lookup" in k.after and k.after["route.lookup"][0] == "specs"] == []
        rulings = {r.body.get("reason") for r in player.ledger.records if r.type is RecordType.DECIDE}
        assert "forged" in rulings


class FromTheFuture(Plain):
    """Now and then a line claims to be of next year: it makes no other one old."""

    def lines(self, events: list[dict[str, Any]]) -> Iterable[dict[str, Any] | None]:
        for number, event in enumerate(events):
            if number % 40 == 0:
                later = event["ts"] + 366 * 86400 if isinstance(event["ts"], int | float) else "2999-01-01T00:00:00Z"
                yield {**event, "event_id": f"{event['event_id']}later", "ts": later}
            yield event


def test_events_of_the_future_are_set_aside() -> None:
    for seed in range(2):
        player = run(FromTheFuture(seed=seed), LoopPlayer).player
        assert isinstance(player, LoopPlayer)
        aside = player.context.window.set_aside
        assert aside["ahead"] > 0 == aside["out_of_order"]
        assert player.kept


def test_a_later_schema_is_read_as_far_as_it_is_understood() -> None:
    """Fields nobody knows are no reason to set a line aside; a kind nobody knows is somebody else's."""

    class Later(Plain):
        def lines(self, events: list[dict[str, Any]]) -> Iterable[dict[str, Any] | None]:
            for event in events:
                yield {**event, "schema": 7, "mood": {"of": ["the", "day"]}}
                yield {"schema": 7, "kind": "answer2", "event_id": f"{event['event_id']}n", "ts": event["ts"]}

    player = run(Later(seed=0), LoopPlayer).player
    assert isinstance(player, LoopPlayer)
    assert not player.context.window.set_aside
    assert player.kept
