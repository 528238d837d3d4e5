"""What shorter time-outs and a breaker would have done with the attempts of the log.

Exact where an attempt that failed fails sooner or is not made, for what came after it is in the log. Where one that
succeeded is cut off or not made, what would have come instead is not known: the question then counts as one that is not
answered, after the time of the kind's other answerers, unless these are known to do better.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workflow_cli.domain.improvement.knobs import BREAKER_FAILURES, BREAKER_SECONDS
from workflow_cli.domain.improvement.lever import Traced
from workflow_cli.domain.improvement.observation import Asked, Attempt, Outcome
from workflow_cli.domain.improvement.summary import Summary, Tried
from workflow_cli.domain.improvement.utility import ABSTAINED

_ENOUGH = 8

#: What becomes of an attempt: its milliseconds, and whether it is over without an answer. None: as it was.
Replay = Callable[[Asked, Attempt], tuple[float, bool] | None]


def differences(seen: Summary, replay: Replay) -> Iterator[Traced]:
    """A difference for each question of which an attempt could have gone another way."""
    for asked in seen.requests:
        if asked.cached or not asked.attempts:
            continue
        ms, lost, touched = asked.ms, False, False
        for attempt in asked.attempts:
            changed = replay(asked, attempt)
            if changed is None:
                continue
            touched = True
            ms -= attempt.ms - changed[0]
            lost = lost or (attempt.ok and changed[1])
        if not touched:
            continue
        good = quality_of(seen, asked)
        before = seen.worth.utility(asked.kind, good, asked.ms)
        if lost:
            good, more = _instead(seen, asked)
            ms += more
        after = seen.worth.utility(asked.kind, good, max(0.0, ms))
        yield Traced(cluster=asked.cluster, difference=max(-1.0, min(1.0, after - before)), event=asked.id)


def quality_of(seen: Summary, asked: Asked) -> float:
    """What the answer was worth, or is expected to be, by who gave it."""
    if asked.outcome is Outcome.FAILED:
        return 0.0
    if asked.outcome is Outcome.ABSTAINED:
        return ABSTAINED
    verdict = seen.verdicts.get(asked.id)
    if verdict is not None:
        return float(verdict.accepted)
    return seen.of(asked.kind, asked.by or "").acceptance


def _instead(seen: Summary, asked: Asked) -> tuple[float, float]:
    """Expected quality and further milliseconds where the answer that was given is lost."""
    others = [
        tried
        for (kind, answerer), tried in seen.tried.items()
        if kind == asked.kind and answerer != asked.by and tried.ok >= _ENOUGH and tried.judged >= _ENOUGH
    ]
    best = max(others, key=lambda tried: tried.acceptance, default=Tried())
    if not best.ms:
        return ABSTAINED, 0.0
    share = best.ok / best.calls
    return share * best.acceptance + (1 - share) * ABSTAINED, sum(best.ms) / len(best.ms)


def cut_at(family: str, ms: float) -> Replay:
    """With attempts of a family cut off after `ms`."""

    def replay(_: Asked, attempt: Attempt) -> tuple[float, bool] | None:
        return (ms, True) if attempt.family == family and attempt.ms > ms else None

    return replay


@dataclass(slots=True)
class _Health:
    failures: int = 0
    open_until: float = 0.0


@dataclass(slots=True)
class Breaker:
    """Skips an answerer of the family for a while after so many failures in a row; one attempt then tells whether it is back."""

    family: str
    health: dict[str, _Health] = field(default_factory=lambda: defaultdict(_Health))

    def __call__(self, asked: Asked, attempt: Attempt) -> tuple[float, bool] | None:
        if attempt.family != self.family:
            return None
        health = self.health[attempt.answerer]
        if asked.at < health.open_until:
            return 0.0, True
        if attempt.ok or attempt.failure == "abstained":
            health.failures = 0
        else:
            health.failures += 1
            if health.failures >= BREAKER_FAILURES:
                health.open_until = asked.at + BREAKER_SECONDS
        return attempt.ms, not attempt.ok
