"""What an answer was worth: its quality, less where it came late.

Utility = quality × (0.2 + 0.8 × timeliness), in [0, 1]. Quality is 1 for an accepted answer, 0.3 for an honest "not
known", 0 for a rejected answer or none. Timeliness is 1/(1 + (t/limit)²), so 1/2 at the limit of the kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow_cli.domain.improvement.judgement import Verdict
from workflow_cli.domain.improvement.observation import Asked, Outcome

ABSTAINED = 0.3
#: Milliseconds within which a question of a kind should be answered.
LIMITS = {"lookup": 2000.0, "howto": 8000.0, "code": 12000.0, "tool": 6000.0}
OTHER_LIMIT = 8000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Worth:
    """Frozen with the rule of an experiment. `limits` in milliseconds, by kind."""

    limits: Mapping[str, float] = field(default_factory=lambda: dict(LIMITS))
    other_limit: float = OTHER_LIMIT

    def limit(self, kind: str) -> float:
        return self.limits.get(kind, self.other_limit)

    def timeliness(self, kind: str, ms: float) -> float:
        ratio = ms / self.limit(kind)
        return 1 / (1 + ratio * ratio)

    def utility(self, kind: str, quality: float, ms: float) -> float:
        return quality * (0.2 + 0.8 * self.timeliness(kind, ms))


def quality(asked: Asked, verdict: Verdict | None) -> float | None:
    """None where an answer was given and nobody said what it was worth."""
    if asked.outcome is Outcome.FAILED:
        return 0.0
    if asked.outcome is Outcome.ABSTAINED:
        return ABSTAINED
    return None if verdict is None else float(verdict.accepted)
