"""What the loop needs of a coding agent, and what comes of asking one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What a person approved: this command, for this task, held to these tests. `failing`: the tests fail before."""

    name: str
    task: str
    command: Sequence[str]
    tests: Sequence[str]
    failing: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Worked:
    """`branch` is what passed, None where nothing did; `reason` says why not, so that a program can read it.

    `tail` is the end of what was said by whoever failed: the agent or the tests.
    """

    branch: str | None
    commit: str | None
    reason: str
    files: Sequence[str] = ()
    seconds: float = 0.0
    tail: str = ""

    def as_json(self) -> Mapping[str, Any]:
        return {
            "branch": self.branch,
            "commit": self.commit,
            "reason": self.reason,
            "files": list(self.files)[:50],
            "seconds": round(self.seconds, 1),
            "tail": self.tail[-2000:],
        }


class Coder(Protocol):
    def work(self, assignment: Assignment) -> Worked:
        """Ask the agent, hold what it did to the tests, and leave a branch where that passes. Nothing is ever merged."""
        ...

    def tidy(self) -> None:
        """Put away what a run left whose end nobody saw to: what it started, and its worktrees."""
        ...
