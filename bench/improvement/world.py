"""What a world is to the benchmark. A world elsewhere subclasses `World` and needs `settings` and `serve` alone."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """`at` in seconds; questions of one `cluster` mean the same."""

    at: float
    kind: str
    question: str
    cluster: str
    client: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One answerer tried; `failure` is None where it answered."""

    answerer: str
    ms: float
    failure: str | None = None
    queued_ms: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """What became of a request.

    `quality` is the truth: 1 right, 0.3 an honest "not known", 0 wrong or nothing. Only the judge sees it. `verdict` is what a
    person said, None for nothing; `reference` are the places that person named, `answer` that person's own text.
    """

    ms: float
    quality: float
    calls: Sequence[Call] = ()
    outcome: str = "answered"
    cites: Sequence[str] = ()
    score: float | None = None
    cached: bool = False
    verdict: bool | None = None
    reference: Sequence[str] = ()
    answer: str | None = None
    judge: str | None = None


@dataclass(kw_only=True)
class World:
    """Seeded, with a clock of its own. Everything may be overridden; what is not has a plain default.

    `settings` is what the system starts with; only names in the table of knobs are ever turned. `limits` are milliseconds
    within which a question of a kind should be answered.
    """

    seed: int = 0
    cycles: int = 30
    requests_a_cycle: int = 80
    seconds: float = 8 * 3600.0
    settings: dict[str, Any] = field(default_factory=dict)
    kinds: dict[str, float] = field(default_factory=lambda: {"lookup": 0.5, "howto": 0.2, "code": 0.2, "tool": 0.1})
    limits: dict[str, float] = field(
        default_factory=lambda: {"lookup": 2000.0, "howto": 8000.0, "code": 12000.0, "tool": 6000.0}
    )
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(f"{type(self).__name__}/{self.seed}")

    def requests(self, cycle: int) -> Iterable[Request]:
        """In order of time."""
        times = sorted(self.random.uniform(cycle, cycle + 1) * self.seconds for _ in range(self.requests_a_cycle))
        for at in times:
            (kind,) = self.random.choices(list(self.kinds), list(self.kinds.values()))
            number = int(60 * self.random.random() ** 2)
            yield Request(
                at=at,
                kind=kind,
                question=f"{kind} question {number}",
                cluster=f"{kind}-{number}",
                client=f"c{self.random.randrange(8)}",
            )

    def serve(self, request: Request, settings: Settings) -> Served:
        raise NotImplementedError

    def replay(self, request: Request, settings: Settings) -> Served | None:
        """The same question asked again for nobody; None where the world cannot do that."""
        return None

    def passages(self, request: Request, settings: Settings) -> Served | None:
        """What the specs alone give; all passages are `cites`."""
        return None

    def sections(self) -> Mapping[str, str]:
        return {}

    def edits(self, cycle: int) -> Iterable[tuple[float, Sequence[str]]]:
        """Edits of a cycle, in order: when, and which sections. Told before the requests of that time are served."""
        return ()

    def decide(self, document: Mapping[str, Any]) -> bool | None:
        """What a person says to a drafted requirement; None for not yet."""
        return None

    def supposing(self, document: Mapping[str, Any]) -> tuple[World, Sequence[str]] | None:
        """This world as it would be with a drafted requirement, and the addresses of the sections that made; None where nobody can tell."""
        return None

    def write(self, document: Mapping[str, Any]) -> Sequence[str]:
        """Put an approved requirement into the documents; the addresses of the sections that made."""
        return ()

    def unwrite(self, document: Mapping[str, Any]) -> None: ...

    def shift(self, cycle: int) -> None:
        """Called before each cycle, for worlds that change."""

    def lines(self, events: list[dict[str, Any]]) -> Iterable[dict[str, Any] | None]:
        """The log as it reaches the loop, for worlds that damage it; None is a line that is no JSON."""
        return events

    def passes(self, settings: Settings) -> bool:
        """Whether the seeded fault is gone; without one, whether nothing was changed."""
        return dict(settings) == self.settings

    def best(self) -> Settings | None:
        """Settings that an oracle would choose, where they are known."""
        return None

    def utility(self, request: Request, served: Served) -> float:
        """What the judge gives for an answer."""
        ratio = served.ms / self.limits.get(request.kind, 8000.0)
        return served.quality * (0.2 + 0.8 / (1 + ratio * ratio))

    def judged(self, settings: Settings, cycle: int, *, cycles: int = 24) -> list[float]:
        """The utility of each request of coming cycles under these settings, in a copy: the same chances for any settings."""
        world = copy.deepcopy(self)
        values = []
        for number in range(cycle, cycle + cycles):
            world.random.seed(f"judge/{self.seed}/{number}")
            edits = list(world.edits(number))
            for place, request in enumerate(list(world.requests(number))):
                while edits and edits[0][0] <= request.at:
                    world.edited(*edits.pop(0))
                # Whatever the settings make of one request, the next has the same chances.
                world.random.seed((self.seed * 1000 + number) * 1000 + place)
                values.append(world.utility(request, world.serve(request, settings)))
        return values

    def edited(self, at: float, sections: Sequence[str]) -> None:
        """Take note of an edit."""
