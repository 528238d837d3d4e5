"""What became of a run, by what the loop never sees."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.improvement.harness import LoopPlayer, Run
from bench.improvement.world import World
from workflow_cli.domain.improvement.experiment import Design
from workflow_cli.domain.improvement.record import RecordType
from workflow_cli.domain.improvement.setting_values import fingerprint

#: A loss of mean utility up to this is none.
TOLERANCE = 0.005
#: Two stretches of time, for the world has moods that last.
_JUDGED_AT = (200, 400)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Of one run. `regret` is summed over cycles, against the best settings that are known; `idle_regret` that of doing nothing."""

    id: str
    seed: int
    fixed: bool
    fixed_in: int | None
    worse: bool
    kept: int
    harmful: int
    experiments: int
    regret: float
    idle_regret: float
    unfounded: int
    proposals: int
    rollbacks: int
    identical: int
    frozen: str | None


def worth_in(world: World, settings: Mapping[str, Any]) -> float:
    """The mean utility of a request under these settings."""
    found = [value for at in _JUDGED_AT for value in world.judged(settings, at)]
    return statistics.fmean(found) if found else 0.0  # nobody asks: all settings are worth the same


def judge(run: Run) -> Judged:
    world, player = run.world, run.player
    values: dict[str, float] = {}

    def worth(settings: Mapping[str, Any]) -> float:
        key = fingerprint(dict(settings))
        if key not in values:
            values[key] = worth_in(world, settings)
        return values[key]

    start, end = dict(world.settings), player.settings()
    best = max(worth(world.best() or start), worth(start), worth(end))
    regret = 0.0
    for settings, treatment in zip(run.settings, run.treatments, strict=True):
        value = worth(settings) if treatment is None else (worth(settings) + worth(treatment)) / 2
        regret += best - value
    kept = getattr(player, "kept", [])
    after = [*run.settings[1:], end]
    # Where it passes with the settings of the start, it was not settings that did it, and they do not tell when.
    untold = world.passes(run.settings[0])
    fixed_in = None if untold else next((cycle for cycle, settings in enumerate(after) if world.passes(settings)), None)
    more = _of_loop(player) if isinstance(player, LoopPlayer) else {}
    return Judged(
        id=getattr(world, "id", type(world).__name__),
        seed=world.seed,
        fixed=world.passes(end) and not (more.get("kept_in_health", 0) if _healthy(world) else 0),
        fixed_in=fixed_in,
        worse=worth(end) < worth(start) - TOLERANCE,
        kept=len(kept),
        harmful=sum(worth(k.after) < worth(k.before) - TOLERANCE for k in kept),
        experiments=more.get("experiments", 0),
        regret=regret,
        idle_regret=len(run.settings) * (best - worth(start)),
        unfounded=more.get("unfounded", 0),
        proposals=more.get("proposals", 0),
        rollbacks=more.get("rollbacks", 0),
        identical=more.get("identical", 0),
        frozen=player.context.state.frozen if isinstance(player, LoopPlayer) else None,
    )


def _healthy(world: Any) -> bool:
    return getattr(world, "id", "") == "P11"


def _of_loop(player: LoopPlayer) -> dict[str, int]:
    state = player.context.state
    proposals = [record.body for record in player.ledger.records if record.type is RecordType.PROPOSAL]
    documents = {e.id for e in state.experiments.values() if e.design is Design.APPROVAL}
    unfounded = sum(
        not body["evidence"] or (body["experiment"] not in documents and body["predicted"][0] <= 0)
        for body in proposals
    )
    experiments = [e for e in state.experiments.values() if e.id not in documents]
    return {
        "experiments": len(experiments),
        "proposals": sum(body["experiment"] not in documents for body in proposals),
        "unfounded": unfounded,
        "rollbacks": len(player.tuning.rollbacks),
        "identical": sum(player.tuning.rollbacks),
        "kept_in_health": len(player.kept),
    }
