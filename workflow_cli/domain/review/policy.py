"""What about a draft makes a person's approval necessary."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from workflow_cli.domain.review.protected_paths import PROTECTED_PATHS


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One reason for which a person must approve: a policy rule's id, and where and what it saw.

    `line` counts from 1 in the text before the draft, or in the text after it for what is new.
    """

    rule: str
    path: str
    line: int | None
    message: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """`off` are ids of rules that do not apply; `protected` are glob patterns of paths from the root.

    `deltas`: whether the text of a change's own deltas is held to the rules like that of specs.
    `other_person`: the approver must be somebody else than the author. `settings_in` gives what a file of settings says, as
    whoever obeys it reads it; it raises DocumentError.
    """

    off: frozenset[str] = frozenset()
    protected: tuple[str, ...] = PROTECTED_PATHS
    deltas: bool = True
    other_person: bool = False
    settings_in: Callable[[bytes], Any] | None = field(default=None, compare=False)

    def protects(self, path: str) -> str | None:
        """The first pattern that the path fits: `*` stays within a directory, `**` does not."""
        return next((pattern for pattern in self.protected if fits(path, pattern)), None)


def fits(path: str, pattern: str) -> bool:
    """Case does not count: on some file systems both names are one file."""
    return _fits(path.casefold().split("/"), pattern.casefold().strip("/").split("/"))


def _fits(parts: list[str], patterns: list[str]) -> bool:
    if not patterns:
        return not parts
    first, rest = patterns[0], patterns[1:]
    if first == "**":
        # At the end it stands for what lies below, so that `a/**` does not fit `a` itself.
        if not rest:
            return bool(parts)
        return any(_fits(parts[index:], rest) for index in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], first) and _fits(parts[1:], rest)
