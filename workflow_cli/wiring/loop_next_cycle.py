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

    def begin(self, *, at_all: bool) -> None:
        """A cycle begins, `at_all` the first: what is added to the log while it works is for the next one to see."""
        self._log_end = self._end_of_log()
        if at_all and self._memory.told() is None:
            # Else nobody could say, were it cut off, that all in the ledger is news.
            self._memory.keep({**self._memory.read(), "told": 0})

    def prepare(
        self,
        context: Context,
        *,
        now: float,
        ledger: Sequence[Any] | None,
        problems: Sequence[str],
        again: bool,
        tests: object | None,
        to_tell: bool,
    ) -> None:
        """Leave what it needs of this one. `ledger` is how far the ledger reaches, `tests` what is known of the project's
        tests; `to_tell`: what it did is still to be told; with `again`, what kept this one from something may be gone at any time, without a trace in what it looks at."""
        from workflow_cli.app.improve.wake import wakes_at

        state = context.state
        told = self._memory.told() if to_tell else None if ledger is None else ledger[0]
        self._memory.keep(
            {
                "ledger": ledger,
                "told": told,
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

    def tell(self, ledger: Sequence[Any] | None) -> None:
        """What the cycle did was told."""
        if ledger is not None and self._memory.told() != ledger[0]:
            self._memory.keep({**self._memory.read(), "told": ledger[0]})

    def look_again(self, ledger: Sequence[Any] | None) -> None:
        """A person has looked at the ledger as it is: what is missing from it is missed no more, and everything is new."""
        told = self._memory.told()
        self._memory.keep({**self._memory.read(), "ledger": ledger, "told": told, "seen": None})

    def _end_of_log(self) -> int:
        from workflow_cli.adapters.event_lines import EventLines

        return EventLines(self._log).end

    def _seen(self, log_end: int | None) -> dict[str, Any]:
        """What a cycle looks at, by size and time of change."""
        from workflow_cli.adapters.loop_memory import stamps_of

        return {"log": log_end, "files": stamps_of(self._files), "settings": list(self._told)}
