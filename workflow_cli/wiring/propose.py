"""`propose` with its tree and documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import event_log, person
from workflow_cli.wiring.documents import open_documents, review_drafts

if TYPE_CHECKING:
    from workflow_cli.app.propose_change import ProposeChange
    from workflow_cli.settings import Settings


class ProposeRun:
    """One run of `propose`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings, *, author: str | None) -> None:
        from workflow_cli.adapters import questions_file
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.adapters.proposal_tree import ProposalFiles
        from workflow_cli.app.propose_change import ProposeChange

        clock = SystemClock()
        self._documents = open_documents(root, settings)
        self._events = event_log(settings, root)
        self.use_case: ProposeChange = ProposeChange(
            ProposalFiles(root, max_file_bytes=settings.limits.max_file_bytes),
            questions_file,
            self._events,
            clock,
            review=review_drafts(root, settings, self._documents, clock),
            author=lambda: person(root, author),
        )

    def __enter__(self) -> ProposeRun:
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
