"""What a cycle of the loop leaves for the next, in a file of its own. May be lost: then everything is looked at again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class LoopMemory:
    """Values are what JSON holds, and none is trusted: whoever reads one says what it has to be."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any]:
        """Raises DocumentError where it is there and cannot be read: it is not lost then, only out of sight."""
        from workflow_cli.adapters.state_file import bytes_of

        try:
            value = json.loads(bytes_of(self._path) or b"")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def keep(self, memory: Mapping[str, Any]) -> None:
        from workflow_cli.adapters.atomic_write import replace_file
        from workflow_cli.adapters.state_file import bytes_of
        from workflow_cli.errors import WorkflowError

        try:
            replace_file(self._path, json.dumps(memory).encode(), base=bytes_of(self._path))
        except WorkflowError:
            return

    def ledger_end(self) -> tuple[int, str] | None:
        """How far the ledger reached: the number and the hash of its last record."""
        match self.read().get("ledger"):
            case [int(seq), str(hash)]:
                return seq, hash
        return None

    def told(self) -> int | None:
        """The number of the last record that somebody was told of; None where nothing is known of that."""
        told, end = self.read().get("told"), self.ledger_end()
        if isinstance(told, int):
            return told
        return None if end is None else end[0]

    def replays(self) -> list[float]:
        """When questions were asked again."""
        replays = self.read().get("replays")
        return [float(at) for at in replays if isinstance(at, int | float)] if isinstance(replays, list) else []

    def screened(self) -> dict[str, int]:
        """With how much evidence a candidate was last looked at."""
        screened = self.read().get("screened")
        if not isinstance(screened, dict):
            return {}
        return {str(key): size for key, size in screened.items() if isinstance(size, int)}

    def problems(self) -> list[str]:
        """What it could not write."""
        problems = self.read().get("problems")
        return [str(problem) for problem in problems] if isinstance(problems, list) else []

    def was_frozen(self) -> bool:
        return self.read().get("frozen") is True

    def sees_the_same(self, seen: Mapping[str, Any], *, now: float) -> bool:
        """Whether the last cycle has seen just this, and it is not yet time to look again all the same."""
        memory, end = self.read(), self.ledger_end()
        return (
            memory.get("seen") == seen
            # What a cycle did and could not say any more is for the next one to say.
            and (end is None or self.told() == end[0])
            and isinstance(at := memory.get("at"), int | float)
            and isinstance(wake := memory.get("wake"), int | float)
            and at <= now < wake
        )


def stamps_of(files: Sequence[Path]) -> dict[str, list[int] | None]:
    """Size and time of change of each, by its name; None for what is not there."""
    return {path.name: _stamp(path) for path in files}


def _stamp(path: Path) -> list[int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]
