"""`propose` with its tree and documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring import person
from workflow_cli.wiring.documents import DocumentsRun

if TYPE_CHECKING:
    from workflow_cli.app.model_review.propose_by_model import WrittenProposal
    from workflow_cli.app.propose_change import ProposalRequest, ProposeChange, Proposed
    from workflow_cli.app.review_drafts import Submitted
    from workflow_cli.settings import Settings


def insight_notes(root: Path, settings: Settings, id: str, *, title: str, where: str) -> bytes:
    """What the events of the last seven days show, as notes. Raises UsageError for an insight that is not there."""
    from workflow_cli.app.feedback.insight_notes import insight_of, notes_of_insight
    from workflow_cli.wiring.feedback import feedback_report, window_back

    report = feedback_report(root, settings, window_back("7d", where=where))
    return notes_of_insight(insight_of(report, id, where=where), report, title=title)


class ProposeRun(DocumentsRun):
    """One run of `propose`, with its documents open; use it as a context manager."""

    def __init__(
        self, root: Path, settings: Settings, *, author: str | None, go_on: Callable[[], None] = lambda: None
    ) -> None:
        from workflow_cli.adapters import questions_file
        from workflow_cli.adapters.proposal_tree import ProposalFiles
        from workflow_cli.app.propose_change import ProposeChange

        super().__init__(root, settings, go_on=go_on)
        self._tree = ProposalFiles(root, max_file_bytes=settings.limits.max_file_bytes)
        self.use_case: ProposeChange = ProposeChange(
            self._tree,
            questions_file,
            self._clock,
            review=self.review,
            author=lambda: person(root, author),
        )

    def commit(self, proposed: Proposed, event: dict[str, object]) -> Submitted:
        """Write it, or keep it waiting, and tell so in the event. Raises what `ProposeChange.commit` raises."""
        submitted = self.use_case.commit(proposed)
        event |= {
            "outcome": "waiting" if submitted.waiting else "written",
            "questions": len(proposed.gaps),
            "revision": submitted.revision.number if submitted.revision else None,
        }
        return submitted

    def by_model(self, request: ProposalRequest) -> WrittenProposal:
        """The change as a model writes it; from now on it is the author. Raises what `proposal_by_model` raises."""
        from workflow_cli.adapters import questions_file
        from workflow_cli.app.model_review.known_text import known_text
        from workflow_cli.app.propose_change import ProposeChange
        from workflow_cli.domain.review.draft import Author, AuthorKind
        from workflow_cli.wiring.model_review import proposal_by_model

        written = proposal_by_model(
            self._root,
            self._settings,
            self._events,
            request=request,
            known=known_text(self._tree),
            prepare=self.use_case.prepare,
        )
        model = Author(kind=AuthorKind.MODEL, name=written.model)
        self.use_case = ProposeChange(
            self._tree, questions_file, self._clock, review=self.review, author=lambda: model, drafting=model
        )
        return written
