"""Which capabilities a new change is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.proposing.naming import new_capability
from workflow_cli.domain.openspec.proposing.overlap import best_capability
from workflow_cli.domain.openspec.rule import KnownRequirement


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """`guessed`: nobody named it. `alternative` is what else it could have been."""

    capabilities: tuple[str, ...]
    guessed: bool = False
    alternative: str | None = None


def choose(
    title: str,
    change: str,
    named: Sequence[str],
    requirements: Sequence[KnownRequirement],
    existing: Collection[str],
    takes_deltas: Callable[[str], bool],
) -> Choice:
    """What was named; else the one existing capability the title points to; else a new one named after the title."""
    if named:
        return Choice(capabilities=tuple(named))
    near = best_capability(title, requirements, existing)
    new = _unused(new_capability(title, change), change, existing)
    if near is not None and takes_deltas(near):
        return Choice(capabilities=(near,), guessed=True, alternative=new)
    return Choice(capabilities=(new,), guessed=True, alternative=near)


def _unused(name: str, change: str, existing: Collection[str]) -> str:
    folded = {known.lower() for known in existing}
    if name not in folded:
        return name
    candidate, number = change, 2
    while candidate in folded:
        candidate, number = f"{name}-{number}", number + 1
    return candidate
