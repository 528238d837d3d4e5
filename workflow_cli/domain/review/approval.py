"""A recorded yes or no on exactly one draft."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_cli.domain.review.draft import Draft


class Decision(StrEnum):
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """`draft` is the whole hash of the draft; the approval is void for any other. `at` is RFC 3339, UTC."""

    draft: str
    decision: Decision
    by: str
    because: str
    at: str

    def allows(self, draft: Draft) -> bool:
        return self.decision is Decision.APPROVED and self.draft == draft.hash
