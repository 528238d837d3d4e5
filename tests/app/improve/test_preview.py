"""Nobody is asked about a requirement that would not be found, or that would push others aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from bench.improvement.harness import LoopPlayer, run
from bench.improvement.world import Call, Request, Served, World
from workflow_cli.domain.improvement.record import RecordType


@dataclass(kw_only=True)
class Unanswered(World):
    """One thing in four is in no document, and people say what the answer is. `gets` is what is found once it is written: the
    passages of its own questions, and of all others."""

    kinds: dict[str, float] = field(default_factory=lambda: {"lookup": 1.0})
    gets: tuple[Sequence[str], Sequence[str]] = (["new"], ["a", "b"])
    is_written: bool = False
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    seeks: bool = True
    missing: Sequence[str] = ("card valid 0", "card valid 1", "card valid 2")

    def requests(self, cycle: int) -> Any:
        for number in range(40):
            at, missing = self.seconds * (cycle + number / 40), number % 4 == 0
            name = self.missing[number // 4 % len(self.missing)] if missing else f"question {number % 20}"
            cluster = "missing" if name.startswith("card") else name
            yield Request(at=at, kind="lookup", question=name, cluster=cluster, client=f"c{(number + cycle) % 7}")

    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        missing = request.question in self.missing
        said: bool | None = not missing if self.random.random() < 0.5 else None
        answer = "For 24 months." if missing and said is False else None
        return Served(
            ms=90.0, quality=1.0, calls=[Call(answerer="specs", ms=90.0)], cites=["a"], verdict=said, answer=answer
        )

    def passages(self, request: Request, settings: Mapping[str, Any]) -> Served | None:
        if not self.seeks:
            return None
        cites = self.gets[not request.question.startswith("card")] if self.is_written else ["a", "b"]
        return Served(ms=90.0, quality=1.0, cites=cites)

    def supposing(self, document: Mapping[str, Any]) -> tuple[World, Sequence[str]]:
        other = copy(self)
        other.is_written = True
        return other, ["new"]

    def decide(self, document: Mapping[str, Any]) -> bool | None:
        self.asked.append(document)
        return None


def played(**options: Any) -> tuple[list[Mapping[str, Any]], str | None]:
    """What people were asked about, and why the loop put it off at last."""
    done = run(Unanswered(seed=1, cycles=12, **options), LoopPlayer)
    assert isinstance(done.player, LoopPlayer)
    return done.world.asked, done.player.context.state.deferred.get(("spec-gap", "missing"))


def test_what_is_found_and_pushes_nothing_aside_is_proposed_with_what_is_expected() -> None:
    asked, _ = played()
    (expected,) = {tuple(document["expected"].items()) for document in asked}
    assert dict(expected) == {"held_out": 1, "answered": 1, "others": 15.0, "displaced": 0.0}


def test_what_would_not_be_found_is_put_off() -> None:
    assert played(gets=(["a", "b"], ["a", "b"])) == ([], "not_found: 0/3")


def test_what_would_push_others_aside_is_put_off() -> None:
    asked, reason = played(gets=(["new"], ["new", "b"]))
    assert asked == []
    assert reason == "displaced: 15.0/15.0"


def test_where_the_time_is_up_it_is_put_off_till_the_next_cycle() -> None:
    assert played(seeks=False) == ([], "not_now")


def test_so_many_gaps_that_they_are_looked_at_in_several_cycles() -> None:
    """None is forgotten, and none looked at twice for nothing."""
    gaps = ("invoices", "refunds", "coupons", "parcels", "returns", "stock", "taxes", "tariffs")
    done = run(Unanswered(seed=1, cycles=10, missing=gaps, gets=(["a"], ["a"])), LoopPlayer)
    assert isinstance(done.player, LoopPlayer)
    deferred = [r.body for r in done.player.ledger.records if r.type is RecordType.DEFERRED]
    reasons = {(body["scope"], body["reason"]) for body in deferred if body["scope"] in gaps}
    assert {scope for scope, reason in reasons if reason == "not_found: 0/1"} == set(gaps)
    assert {reason for _, reason in reasons} <= {"not_found: 0/1", "not_now"}


def test_what_nobody_sought_stands_there_is_no_loss() -> None:
    """What is second among the passages was never the place."""
    asked, _ = played(gets=(["new"], ["new", "a"]))
    assert asked
