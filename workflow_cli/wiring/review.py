"""`review` with its drafts, approvals and documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import event_log
from workflow_cli.wiring.documents import open_documents, policy_of, review_drafts

if TYPE_CHECKING:
    from workflow_cli.app.check_approvals import CheckApprovals
    from workflow_cli.settings import Settings


class ReviewRun:
    """One run of `review`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from workflow_cli.adapters.clock import SystemClock

        self._root = root
        self._settings = settings
        self._clock = SystemClock()
        self._documents = open_documents(root, settings)
        self._events = event_log(settings, root)
        self.review = review_drafts(root, settings, self._documents, self._clock)

    def __enter__(self) -> ReviewRun:
        return self

    def __exit__(self, *raised: object) -> None:
        self._documents.close()

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": "events", "why": reason} for reason in self._events.degraded]

    @property
    def notices(self) -> list[str]:
        """What had to be repaired on the way, for people."""
        return self._documents.notices

    def check(self, base: str | None) -> CheckApprovals:
        """With `base`, or in a checkout that has a default branch, compared with where the branch left it."""
        from workflow_cli.adapters.approval_files import ApprovalFilesOnDisk
        from workflow_cli.adapters.checkout import is_in_checkout
        from workflow_cli.adapters.git_reference import GitReference, default_branch
        from workflow_cli.app.check_approvals import CheckApprovals

        if base is None and is_in_checkout(self._root):
            base = default_branch(self._root)
        return CheckApprovals(
            documents=self._documents,
            approvals=ApprovalFilesOnDisk(self._root),
            policy=policy_of(self._settings),
            reference=None if base is None else GitReference(self._root, base),
            base=base,
        )

    def record(self, outcome: str, **values: object) -> None:
        self._events.append({"kind": "review", "outcome": outcome, **values})
