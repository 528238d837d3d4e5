"""`archive` with its tree, documents and the history of git."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import event_log
from workflow_cli.wiring.documents import open_documents, review_drafts

if TYPE_CHECKING:
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.app.archive_change import ArchiveChange, ArchiveOptions, Confirm
    from workflow_cli.app.undo_archive import UndoArchive
    from workflow_cli.domain.review.draft import Author
    from workflow_cli.settings import Settings


class ArchiveRun:
    """One run of `archive`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.adapters.openspec_files import OpenSpecFiles

        self.tree: OpenSpecFiles = OpenSpecFiles(root, max_file_bytes=settings.limits.max_file_bytes)
        self._root = root
        self._clock = SystemClock()
        self._documents = open_documents(root, settings)
        self.review = review_drafts(root, settings, self._documents, self._clock)
        self._events = event_log(settings, root)

    def __enter__(self) -> ArchiveRun:
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

    def archive(self, options: ArchiveOptions, confirm: Confirm | None) -> ArchiveChange:
        from workflow_cli.adapters.git_history import GitHistory
        from workflow_cli.app.archive_change import ArchiveChange

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
        )

    def undo(self, *, author: Author, because: str | None, dry_run: bool) -> UndoArchive:
        from workflow_cli.app.undo_archive import UndoArchive

        return UndoArchive(
            self.tree,
            self._documents,
            author=author,
            because=because,
            dry_run=dry_run,
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
        )
