"""Taking steps, or reusing what an earlier run recorded for the very same inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workflow_cli.app.report import Step, StepOutcome
from workflow_cli.domain.digest import digest

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock, StepRecord


class Steps:
    """`salt` stands for everything that is the same for all steps of a run, such as the program's version."""

    def __init__(self, record: StepRecord, clock: Clock, *, salt: str, fresh: bool) -> None:
        self._record = record
        self._clock = clock
        self._salt = salt
        self._fresh = fresh

    def take(
        self, item: str, name: str, key: str, work: Callable[[], Any], *, holds: Callable[[], bool] = lambda: True
    ) -> tuple[Any, Step]:
        """The step's result, as JSON values, and how it came about. What `work` raises goes through.

        `holds` is asked afterwards whether the result is that of the key; one that is not is not recorded.
        """
        found = self.recorded(item, name, key)
        if found is not None:
            return found, Step(name=name, outcome=StepOutcome.REUSED)
        started = self._clock.elapsed()
        result = work()
        if holds():
            self.keep(item, name, key, result)
        milliseconds = round((self._clock.elapsed() - started) * 1000, 3)
        return result, Step(name=name, outcome=StepOutcome.DONE, milliseconds=milliseconds)

    def recorded(self, item: str, name: str, key: str) -> Any | None:
        return None if self._fresh else self._record.get(item, name, digest([self._salt, key]))

    def keep(self, item: str, name: str, key: str, result: Any) -> None:
        self._record.put(item, name, digest([self._salt, key]), result)
