"""From one cycle to the next: what a cycle leaves, and whether there is anything new for another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_cli.adapters.loop_memory import LoopMemory
    from workflow_cli.app.improve.context import Context

_MOST_SCREENED = 2000


class NextCycle:
    """`log` and `files` are what a cycle looks at, `told` is what it was told to do."""

    def __init__(self, memory: LoopMemory, *, log: Path, files: Sequence[Path], told: Sequence[str]) -> None:
        self._memory = memory
        self._log = log
        self._files = files
        self._told = told
        self._log_end: int | None = None

    def is_due(self, now: float) -> bool:
        """Whether it would see something that the last one has not seen, or it is time to look again all the same."""
        return not self._memory.sees_the_same(self._seen(self._end_of_log()), now=now)

    def begin(self) -> None:
        """A cycle begins: what is added to the log while it works is for the next one to see."""
        self._log_end = self._end_of_log()

    def prepare(
        self,
        context: Context,
        *,
        now: float,
        ledger: Sequence[Any] | None,
        problems: Sequence[str],
        again: bool,
        tests: object | None,
    ) -> None:
        """Leave what it needs of this one. `ledger` is how far the ledger reaches, `tests` what is known of the project's
        tests; with `again`, what kept this one from something may be gone at any time, without a trace in what it looks at."""
        from workflow_cli.app.improve.wake import wakes_at

        state = context.state
        self._memory.keep(
            {
                "ledger": ledger,
                "at": now,
                "wake": now if again else wakes_at(state, now),
                "frozen": state.frozen is not None and not state.frozen.startswith("stopped"),
                "problems": list(problems),
                "replays": context.replays_today(),
                # What was only looked at while nothing may be tried is looked at again when something may.
                "screened": {} if state.frozen else dict(list(context.screened.items())[-_MOST_SCREENED:]),
                "seen": self._seen(self._log_end),
                **({} if tests is None else {"tests": tests}),
            }
        )

    def look_again(self, ledger: Sequence[Any] | None) -> None:
        """A person has looked at the ledger as it is: what is missing from it is missed no more, and everything is new."""
        self._memory.keep({**self._memory.read(), "ledger": ledger, "seen": None})

    def _end_of_log(self) -> int:
        from workflow_cli.adapters.event_lines import EventLines

        return EventLines(self._log).end

    def _seen(self, log_end: int | None) -> dict[str, Any]:
        """What a cycle looks at, by size and time of change."""
        from workflow_cli.adapters.loop_memory import stamps_of

        return {"log": log_end, "files": stamps_of(self._files), "settings": list(self._told)}
