"""`archive` with its tree, documents and the history of git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring.documents import DocumentsRun, spec_tree

if TYPE_CHECKING:
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.app.archive_change import ArchiveChange, ArchiveOptions, Confirm
    from workflow_cli.app.undo_archive import Undone
    from workflow_cli.domain.review.draft import Author
    from workflow_cli.settings import Settings


class ArchiveRun(DocumentsRun):
    """One run of `archive`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        super().__init__(root, settings)
        self.tree: OpenSpecFiles = spec_tree(root, settings)

    def archive(self, options: ArchiveOptions, confirm: Confirm | None) -> ArchiveChange:
        from workflow_cli.adapters.git_history import GitHistory
        from workflow_cli.app.archive_change import ArchiveChange
        from workflow_cli.app.archive_questions import unanswered
        from workflow_cli.wiring.process import QuestionsFile

        return ArchiveChange(
            self.tree,
            self._documents,
            GitHistory(self._root),
            self._clock,
            self._events,
            options,
            confirm=confirm,
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
            unanswered=lambda change: unanswered(change, self.tree, QuestionsFile()),
        )

    def undo(self, named: str, *, author: Author, because: str | None, dry_run: bool) -> Undone:
        """Take the archive of a change, or of a revision, back; a draft that needs a person is kept waiting."""
        from workflow_cli.app.undo_archive import UndoArchive

        use_case = UndoArchive(
            self.tree,
            self._documents,
            author=author,
            because=because,
            dry_run=dry_run,
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
        )
        with self.recorded("archive.undo") as event:
            undone = use_case.run(named)
            if undone.exit_code == 4 and undone.draft:
                self.review.keep_waiting(undone.draft, undone.reasons)
            event |= {
                "outcome": undone.outcome,
                "item": f"change/{undone.change}",
                "undoes": undone.of.number,
                "revision": undone.revision.number if undone.revision else None,
            }
        return undone
