"""What the loop may do by itself, how often, and how carefully. The loop reads it and never writes it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from workflow_cli.domain.improvement.knobs import ApprovalClass
from workflow_cli.domain.improvement.rule import Rule
from workflow_cli.domain.improvement.setting_values import fingerprint
from workflow_cli.domain.improvement.utility import Worth


@dataclass(frozen=True, kw_only=True, slots=True)
class LoopPolicy:
    """Times in seconds.

    `levers`: only these, all where None. `automatic`: the classes that need no person. `reach` and `most_requests` bound what is
    looked at, `recent_requests` what is for symptoms; of a log read for the first time, `most_events` lines are taken where
    nothing is under way. A candidate is screened with `least_screen` to `most_screen` questions of DEV, and proposed where the lower end of
    the interval at `screen_level` is above zero; of questions of CONFIRM that are sought with both settings, the newest `most_recall` decide. `replays_a_day` bounds the calls that this takes. `aa_every`: so many
    experiments have one of them whose arms are the same; 1 makes nothing but such experiments, to test the loop itself. A change that needs no traffic to be decided
    and promises `preempting_gain` of utility ends an experiment that is still waiting for traffic.
    """

    levers: tuple[str, ...] | None = None
    automatic: frozenset[ApprovalClass] = frozenset({ApprovalClass.A, ApprovalClass.B})
    rule: Rule = field(default_factory=Rule)
    worth: Worth = field(default_factory=Worth)
    reach: float = 14 * 86400.0
    most_requests: int = 4000
    recent_requests: int = 400
    most_events: int = 12_000
    screen_level: float = 0.4
    least_screen: int = 8
    most_screen: int = 48
    most_recall: int = 400
    replays_a_day: int = 4000
    experiments_a_day: int = 24
    cooldown: float = 4 * 86400.0
    cooldown_after_rollback: float = 30 * 86400.0
    aa_every: int = 10
    aa_pairs: int = 40
    check_every: float = 30 * 86400.0
    most_waiting: int = 12
    documents_a_week: int = 3
    preempting_gain: float = 0.01
    window_seconds: float = 600.0

    @property
    def hash(self) -> str:
        return fingerprint(self.as_json())

    def as_json(self) -> dict[str, Any]:
        record = asdict(self)
        return {**record, "automatic": sorted(self.automatic), "rule": self.rule.as_json(), "worth": asdict(self.worth)}
