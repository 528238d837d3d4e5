"""`history` with its documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_cli.errors import DocumentError
from workflow_cli.wiring import person
from workflow_cli.wiring.documents import DocumentsRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.app.undo import ConfirmUndo, Undone


class HistoryRun(DocumentsRun):
    """One run of `history`; use it as a context manager."""

    @property
    def documents(self) -> DocumentsOnDisk:
        return self._documents

    def undo(
        self, named: str, *, author: str | None, because: str | None, confirm: ConfirmUndo | None, dry_run: bool
    ) -> Undone:
        """Take a revision back; a draft that needs a person is kept waiting. Raises what undoing raises."""
        from workflow_cli.app.undo import Undo

        use_case = Undo(
            documents=self.documents,
            author=person(self._root, author),
            because=because,
            confirm=confirm,
            dry_run=dry_run,
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
        )
        with self.recorded("history.undo") as event:
            undone = use_case.run(named)
            if undone.reasons and undone.waiting:
                self.review.keep_waiting(undone.plan.draft, undone.reasons)
            event |= {
                "outcome": undone.outcome,
                "undoes": undone.plan.of.number,
                "revision": undone.revision.number if undone.revision else None,
            }
        return undone

    def verify(self) -> Sequence[str]:
        """Every damage, in words. Raises DocumentError where there is no history."""
        with self.recorded("history.verify") as event:
            if not self.documents.has_history():
                raise DocumentError(
                    "there is no history to look at",
                    where=self.documents.history_file,
                    hint="it begins with the first edit, such as by workflow update",
                )
            damage = self.documents.verify()
            event |= {"outcome": "damaged" if damage else "whole", "damage": len(damage)}
        return damage
