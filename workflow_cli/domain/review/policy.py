"""What about a draft makes a person's approval necessary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One reason for which a person must approve: a policy rule's id, and where and what it saw.

    `line` counts from 1 in the text before the draft, or in the text after it for what is new.
    """

    rule: str
    path: str
    line: int | None
    message: str
