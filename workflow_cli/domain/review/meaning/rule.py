"""What a policy rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRule:
    """`needs` and `needs_not` are examples in a line each, for the reference page and its test."""

    id: str
    title: str
    why: str
    check: Callable[[Subject], Iterator[Reason]]
    needs: tuple[str, ...]
    needs_not: tuple[str, ...] = ()


def quoted(text: str, most: int = 80) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return f'"{line if len(line) <= most else line[: most - 1] + "…"}"'
