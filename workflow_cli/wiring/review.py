"""`review` with its drafts, approvals and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_cli.errors import DocumentError
from workflow_cli.wiring.documents import DocumentsRun, policy_of

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_cli.app.check_approvals import CheckApprovals
    from workflow_cli.app.review_drafts import Waiting
    from workflow_cli.settings import Settings


class ReviewRun(DocumentsRun):
    """One run of `review`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        super().__init__(root, settings)
        self._damaged: list[DocumentError] = []

    def check(self, base: str | None) -> CheckApprovals:
        """With `base`, or in a checkout, compared with where the branch left it, or the default branch.

        Raises UsageError where a checkout has no default branch, as many that CI servers make, and DocumentError
        where there is neither git nor a history: nothing that was looked at must pass for nothing uncovered.
        """
        from workflow_cli.adapters.approval_files import ApprovalFilesOnDisk
        from workflow_cli.adapters.checkout import is_in_checkout
        from workflow_cli.adapters.git_reference import GitReference, default_branch
        from workflow_cli.app.check_approvals import CheckApprovals

        if base is None and is_in_checkout(self._root):
            base = default_branch(self._root)
        reference = None if base is None else GitReference(self._root, base)
        if reference is None and not self._documents.has_history():
            raise DocumentError(
                "there is neither git nor a history, so nothing can be checked",
                where=self._documents.history_file,
                hint="check in a git checkout: workflow review --check --base REF",
            )
        if reference is not None and reference.is_head:
            self._documents.notices.append(
                f"HEAD is in {base}, so only what is not committed was compared; "
                "for what was pushed, name what was there before, such as --base HEAD~1"
            )
        return CheckApprovals(
            documents=self._documents,
            approvals=ApprovalFilesOnDisk(self._root),
            policy=policy_of(self._settings),
            reference=reference,
            base=base,
        )

    def waiting(self) -> list[Waiting]:
        """Every draft that is kept; those that cannot be read are told of under `degraded`."""
        return self.review.waiting(damaged=self._damaged.append)

    @property
    def is_complete(self) -> bool:
        """Whether nothing was passed over that somebody else may see."""
        return not any(error.is_forbidden for error in self._damaged)

    @property
    def degraded(self) -> list[dict[str, str]]:
        unread = [{"what": error.where or "drafts", "why": f"{error.message}; {error.hint}"} for error in self._damaged]
        return [*unread, *super().degraded]
