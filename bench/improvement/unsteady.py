"""Worlds that do not stay as they are, and people who cannot be relied upon: what is right today is not tomorrow.

Most have nothing that a setting could mend. `python -m bench.improvement.run --hostile` runs them beside the hostile ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from bench.improvement.scenarios import (
    FastAndWrong,
    HangingTool,
    Healthy,
    ModelFirst,
    NoCache,
    Scenario,
    StaleCache,
)
from bench.improvement.world import Call, Request, Served

OUTAGE_SECONDS = 2 * 3600
#: The share of the time in which no model can be reached.
AWAY = 0.2
_DEGRADES = _RECOVERS = 10


@dataclass(kw_only=True)
class Unsteady(Healthy):
    """Nothing to improve, and nothing that would be wrong to try: whether the loop makes it worse is what is asked."""

    def passes(self, settings: Mapping[str, Any]) -> bool:
        return True


@dataclass(kw_only=True)
class Unreachable(Unsteady):
    """The model fails at once where `fails` says so."""

    failed_ms: float = 50.0

    def fails(self, settings: Mapping[str, Any], now: float, *, live: bool) -> bool:
        raise NotImplementedError

    def _model(
        self,
        request: Request,
        found: Sequence[str],
        gold: str,
        model: str,
        settings: Mapping[str, Any],
        now: float,
        *,
        live: bool,
    ) -> tuple[Call, float, Sequence[str]]:
        if self.fails(settings, now, live=live):
            return Call(answerer="model", ms=self.failed_ms, failure="error"), 0.0, ()
        return super()._model(request, found, gold, model, settings, now, live=live)


@dataclass(kw_only=True)
class Outages(Unreachable):
    id: str = "H14"
    about: str = "models cannot be reached for two hours at a time, a fifth of the time"

    def fails(self, settings: Mapping[str, Any], now: float, *, live: bool) -> bool:
        stretch = Random(f"away/{self.seed}/{int(now // OUTAGE_SECONDS)}") if live else self.random
        return stretch.random() < AWAY


@dataclass(kw_only=True)
class Refusing(Unreachable):
    id: str = "H15"
    about: str = "the model refuses most of what comes while it is busy"
    burst: float = 12.0
    failed_ms: float = 30.0

    def fails(self, settings: Mapping[str, Any], now: float, *, live: bool) -> bool:
        busy = live and settings["models.concurrency"] > 1 and any(end > now for end in self.running)
        return busy and self.random.random() < 0.7


@dataclass(kw_only=True)
class Degrades(Unsteady):
    id: str = "H16"
    about: str = "from cycle 10 on the big model is wrong in most of what it knew"
    degraded: bool = False

    def shift(self, cycle: int) -> None:
        super().shift(cycle)
        self.degraded = self.degraded or cycle == _DEGRADES

    def _model(
        self,
        request: Request,
        found: Sequence[str],
        gold: str,
        model: str,
        settings: Mapping[str, Any],
        now: float,
        *,
        live: bool,
    ) -> tuple[Call, float, Sequence[str]]:
        call, quality, cites = super()._model(request, found, gold, model, settings, now, live=live)
        if self.degraded and model == "big" and quality == 1 and self.random.random() < 0.75:
            return call, 0.0, ("elsewhere",)
        return call, quality, cites


@dataclass(kw_only=True)
class MixSwings(Unsteady):
    id: str = "H17"
    about: str = "mostly lookups today, code tomorrow, how-tos the day after"

    def shift(self, cycle: int) -> None:
        super().shift(cycle)
        most = ("lookup", "code", "howto")[cycle // 3 % 3]
        self.kinds = {kind: 0.7 if kind == most else 0.1 for kind in self.kinds}


@dataclass(kw_only=True)
class OfficeHours(Unsteady):
    id: str = "H18"
    about: str = "a third of the day has eight times the traffic of the rest, and three times the load"
    load_drift: float = 1.2

    def requests(self, cycle: int) -> Iterable[Request]:
        usual = self.requests_a_cycle
        self.requests_a_cycle = 2 * usual if cycle % 3 == 1 else usual // 4
        made = list(super().requests(cycle))
        self.requests_a_cycle = usual
        return made


@dataclass(kw_only=True)
class EditBursts(StaleCache):
    id: str = "H19"
    about: str = "documents are edited every 200 s for a day, and then not for two"

    def shift(self, cycle: int) -> None:
        super().shift(cycle)
        self.edit_seconds = 200.0 if cycle % 9 < 3 else 7 * 86400.0


@dataclass(kw_only=True)
class Recovers(HangingTool):
    id: str = "H20"
    about: str = "the tool hangs nearly always, and is well again from cycle 10 on"
    hung: float = 0.9

    def shift(self, cycle: int) -> None:
        super().shift(cycle)
        if cycle == _RECOVERS:
            self.hung = 0.02

    def passes(self, settings: Mapping[str, Any]) -> bool:
        return True


@dataclass(kw_only=True)
class Mistaken(ModelFirst):
    id: str = "H21"
    about: str = "a quarter of all verdicts is the opposite of what the person meant"

    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        served = super().serve(request, settings)
        if served.verdict is not None and self.random.random() < 0.25:
            return replace(served, verdict=not served.verdict, reference=(), answer=None)
        return served


@dataclass(kw_only=True)
class Courteous(FastAndWrong):
    id: str = "H22"
    about: str = "two programs accept every answer they see, which is most of all verdicts, and a hasty model is there"

    def serve(self, request: Request, settings: Mapping[str, Any]) -> Served:
        served = super().serve(request, settings)
        if served.outcome == "answered" and self.random.random() < 0.35:
            judge = f"program-{self.random.randrange(2)}"
            return replace(served, verdict=True, reference=(), answer=None, judge=judge)
        return served


@dataclass(kw_only=True)
class LateVerdicts(ModelFirst):
    id: str = "H23"
    about: str = "what people say of an answer comes eight hours later"
    held: list[dict[str, Any]] = field(default_factory=list)

    def lines(self, events: list[dict[str, Any]]) -> Iterable[dict[str, Any] | None]:
        came = [{**event, "ts": event["ts"] + self.seconds} for event in self.held]
        self.held = [event for event in events if event["kind"] == "feedback"]
        return sorted(
            [*(event for event in events if event["kind"] != "feedback"), *came], key=lambda event: event["ts"]
        )


@dataclass(kw_only=True)
class Shuffled(NoCache):
    id: str = "H24"
    about: str = "a third of all lines is there twice, and a tenth out of order"

    def lines(self, events: list[dict[str, Any]]) -> Iterable[dict[str, Any] | None]:
        chance = Random(f"{self.seed}/{len(events)}")
        lines = [event for event in events for _ in range(1 + (chance.random() < 0.33))]
        for place in range(len(lines) - 25):
            if chance.random() < 0.1:
                other = place + chance.randrange(1, 25)
                lines[place], lines[other] = lines[other], lines[place]
        return lines


UNSTEADY: tuple[type[Scenario], ...] = (
    Outages,
    Refusing,
    Degrades,
    MixSwings,
    OfficeHours,
    EditBursts,
    Recovers,
    Mistaken,
    Courteous,
    LateVerdicts,
    Shuffled,
)
