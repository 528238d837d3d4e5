"""One object for all of it: changes are processed, questions routed, documents updated, feedback analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Self, cast

from workflow_cli.api.document_manager import DocumentManager
from workflow_cli.api.feedback_loop import FeedbackLoop
from workflow_cli.api.on_project import OnProject
from workflow_cli.api.question_router import QuestionRouter
from workflow_cli.errors import DocumentError

if TYPE_CHECKING:
    import os
    from types import TracebackType

    from workflow_cli.api.document_manager import Edits
    from workflow_cli.api.project import Project
    from workflow_cli.api.results import Answered, FeedbackReport, Processed, Update
    from workflow_cli.app.report import Report
    from workflow_cli.app.selection import Selection
    from workflow_cli.wiring.off_loop import GoOn


class WorkflowOrchestrator(OnProject):
    """`questions`, `documents` and `feedback` are the other three classes, on the same tree and settings.

    As a context manager (`async with`) it keeps connections and tool servers between questions.
    """

    questions: QuestionRouter
    documents: DocumentManager
    feedback: FeedbackLoop

    def _begin(self, project: Project) -> None:
        super()._begin(project)
        self.questions = QuestionRouter._on(project)
        self.documents = DocumentManager._on(project)
        self.feedback = FeedbackLoop._on(project)

    async def __aenter__(self) -> Self:
        await self.questions.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.questions.__aexit__(kind, error, traceback)

    async def process_openspec_change(
        self,
        path: str | os.PathLike[str],
        *,
        steps: Sequence[str] | None = None,
        strict: bool | None = None,
        fix: bool = False,
    ) -> Processed:
        """Check a change, or a spec, by its id or path, as `workflow process` does.

        `steps` limits it to some of `validate`, `analyse`, `ask`, `draft`. With `strict` OpenSpec's warnings make it invalid. With
        `fix` repairs that the policy allows are committed; otherwise they are offered under `drafts`. New clarifying questions
        are written to the change's `questions.yaml`, unless `steps` leaves `ask` out.

        Raises UsageError where there is no such change, SettingsError for a step that there is not, DocumentError where it could
        not be evaluated.
        """
        project = self._project

        def work(go_on: GoOn) -> Processed:
            from workflow_cli.app.selection import select
            from workflow_cli.wiring.process import options_from, process_chosen, tolerating

            settings = project.read_settings(
                {
                    "process.steps": ("steps", None if steps is None else list(steps)),
                    "process.strict": ("strict", strict),
                }
            )
            named = project.inside(path)

            def chosen(specs: Sequence[str], changes: Sequence[str]) -> Selection:
                return select([named], specs=specs, changes=changes)

            options = options_from(settings, project.root, fix=fix)
            report = process_chosen(project.root, settings, options, chosen, lambda *_: go_on())
            return _processed(tolerating(report, settings))

        return await project.in_steps(work)

    async def route_question(
        self, question: str, context: Mapping[str, object] | None = None, *, agent_id: str | None = None
    ) -> Answered:
        """As `QuestionRouter.ask_question`, which takes more."""
        return await self.questions.ask_question(question, agent_id, context=context)

    async def update_document(
        self,
        path: str | os.PathLike[str],
        changes: Edits,
        *,
        because: str | None = None,
        author: str | None = None,
        agent: str | None = None,
    ) -> Update:
        """As `DocumentManager.update_openspec`."""
        return await self.documents.update_openspec(path, changes, because=because, author=author, agent=agent)

    async def analyze_feedback(self) -> FeedbackReport:
        """As `FeedbackLoop.analyze`, over seven days: `insights` are what is worth changing."""
        return await self.feedback.analyze()


def _processed(report: Report) -> Processed:
    from workflow_cli.api.results import Processed

    (item,) = report.items
    if item.fault is not None:
        raise DocumentError(item.fault.message, where=item.fault.where or item.file, hint=item.fault.hint)
    return Processed(
        kind=item.kind,
        id=item.id,
        path=item.file,
        valid=item.valid,
        # It was evaluated, so the run did not end with an error.
        status=cast(Literal["ok", "findings", "waiting"], report.status),
        findings=tuple(item.findings),
        tolerated=tuple(item.tolerated),
        questions=tuple(item.questions),
        drafts=tuple(item.drafts),
        degraded=tuple(report.degraded),
    )
