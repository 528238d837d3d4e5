"""A world in which a cycle can be carried out without anything becoming different: what it would do, is only told.

What is read is the real thing. What is written is kept in memory, as far as the cycle itself reads it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflow_cli.domain.improvement.record import Reading, Record, RecordType, seal

if TYPE_CHECKING:
    from workflow_cli.app.improve.context import World
    from workflow_cli.app.improve.ports import HumanDecision, Ledger, Proposals, Tuning
    from workflow_cli.domain.improvement.arms import Overlay
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.setting_values import Settings


def pretended(world: World) -> World:
    return replace(
        world,
        ledger=_Ledger(world.ledger),
        tuning=_Tuning(world.tuning),
        proposals=_Proposals(world.proposals),
    )


class _Ledger:
    """See Ledger. Records are sealed without a key: nobody will ever check them."""

    def __init__(self, real: Ledger) -> None:
        self._reading = real.read()

    def read(self) -> Reading:
        return self._reading

    def append(self, type: RecordType, body: Mapping[str, Any], *, at: float) -> Record:
        record = seal(self._reading.last, type, body, at=at)
        self._reading = replace(self._reading, records=(*self._reading.records, record))
        return record


class _Tuning:
    """See Tuning."""

    def __init__(self, real: Tuning) -> None:
        self._real = real
        self._staged = real.staged()
        self._written: dict[str, Any] = {}

    def base(self) -> Settings:
        return {**self._real.base(), **self._written}

    def written(self, changes: Settings) -> tuple[Settings, Settings]:
        return self._real.written({name: value for name, value in changes.items() if name not in self._written})

    def fingerprint(self) -> str:
        real = self._real.fingerprint()
        return f"{real} and {sorted(self._written.items())}" if self._written else real

    def staged(self) -> Overlay | None:
        return self._staged

    def stage(self, overlay: Overlay | None) -> None:
        self._staged = overlay

    def obstacle(self, changes: Settings) -> str | None:
        return self._real.obstacle(changes)

    def is_written(self, experiment: Experiment) -> bool:
        return self._real.is_written(experiment)

    def promote(self, experiment: Experiment) -> Mapping[str, Any]:
        self._written |= experiment.changes
        return {"after": self.fingerprint()}

    def restore(self, experiment: Experiment, promotion: Mapping[str, Any]) -> bool:  # noqa: ARG002 - the port's
        self._written |= experiment.before
        return True


class _Proposals:
    """See Proposals."""

    def __init__(self, real: Proposals) -> None:
        self._real = real

    def open(self, experiment: Experiment) -> None: ...
    def close(self, experiment: Experiment, ruling: str, numbers: Mapping[str, Any]) -> None: ...
    def decisions(self) -> Mapping[str, HumanDecision]:
        return self._real.decisions()

    def obstacle(self, experiment: Experiment) -> str | None:
        return self._real.obstacle(experiment)

    def is_replaced(self, experiment: Experiment) -> bool:
        return self._real.is_replaced(experiment)

    def carry_out(self, experiment: Experiment) -> Sequence[str]:  # noqa: ARG002 - the port's
        return ()

    def is_undone(self, experiment: Experiment) -> bool:
        return self._real.is_undone(experiment)

    def withdraw(self, experiment: Experiment) -> None: ...
