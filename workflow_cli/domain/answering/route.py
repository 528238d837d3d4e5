"""The route of a question: which answerers, in which order, with how much time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from workflow_cli.domain.answering.asked import QuestionKind
from workflow_cli.domain.answering.breaker import BreakerPolicy

SPECS, MODEL, TOOLS, PERSON = "specs", "model", "tools", "person"
ANSWERERS = (SPECS, MODEL, TOOLS, PERSON)
#: Steps of a route that are no answerers of the configuration.
CACHE, GIVEN, UNDER_WAY = "cache", "given", "under way"

#: How the reason of a step begins where tools are configured, and a person has to do something first.
NO_TOOL_MAY_BE_USED = "no tool may be used: "


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutePolicy:
    """How questions are routed, as the settings say. Times in seconds.

    `orders` holds an order for kinds that have one of their own; the others take `order`. `budgets` bound one
    answerer, `deadline` the whole question. `limits` is how many questions one answerer gets at once. `passages` is
    how many are retrieved. A lookup whose passages are found with a confidence of `sure` ends the route. An answer is
    kept for `cache_seconds` where it cites nothing, else while that is unchanged, at most for `cache_cited_seconds`. A
    question waits for a person for `expire_days`, 0 for ever. `models` names the model that the settings want for a
    kind, where they name one.
    """

    deadline: float
    passages: int
    sure: float
    order: tuple[str, ...] = ANSWERERS
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    budgets: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    attempts: int = 3
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    cache: bool = True
    cache_seconds: float = 3600.0
    cache_cited_seconds: float | None = None
    expire_days: int = 30
    models: Mapping[str, str] = field(default_factory=dict)

    def order_for(self, kind: QuestionKind) -> tuple[str, ...]:
        return self.orders.get(kind.value, self.order)


@dataclass(frozen=True, slots=True)
class Planned:
    """An answerer of the route; `missing` says why it cannot be asked, None where it can."""

    answerer: str
    missing: str | None = None


def plan(
    kind: QuestionKind, policy: RoutePolicy, *, only: Collection[str] | None, missing: Mapping[str, str]
) -> tuple[Planned, ...]:
    """The answerers to try, in order; with `only`, those of them alone, also where the order leaves them out."""
    order = policy.order_for(kind)
    if only is not None:
        order = tuple(name for name in (*order, *(n for n in ANSWERERS if n not in order)) if name in only)
    return tuple(Planned(name, missing.get(name)) for name in order)
