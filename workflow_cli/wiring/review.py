"""`review` with its drafts, approvals and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_cli.wiring.documents import DocumentsRun, policy_of

if TYPE_CHECKING:
    from workflow_cli.app.check_approvals import CheckApprovals


class ReviewRun(DocumentsRun):
    """One run of `review`, with its documents open; use it as a context manager."""

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
