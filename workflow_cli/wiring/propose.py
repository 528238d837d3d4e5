"""`propose` with its tree and documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import person
from workflow_cli.wiring.documents import DocumentsRun

if TYPE_CHECKING:
    from workflow_cli.app.propose_change import ProposeChange
    from workflow_cli.settings import Settings


class ProposeRun(DocumentsRun):
    """One run of `propose`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings, *, author: str | None) -> None:
        from workflow_cli.adapters import questions_file
        from workflow_cli.adapters.proposal_tree import ProposalFiles
        from workflow_cli.app.propose_change import ProposeChange

        super().__init__(root, settings)
        self.use_case: ProposeChange = ProposeChange(
            ProposalFiles(root, max_file_bytes=settings.limits.max_file_bytes),
            questions_file,
            self._clock,
            review=self.review,
            author=lambda: person(root, author),
        )
