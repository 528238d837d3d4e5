"""Questions: asked, waiting, answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from workflow_cli.api.asking import Asking
from workflow_cli.api.on_project import OnProject
from workflow_cli.api.project import errors_for_programs
from workflow_cli.errors import FaultyInput, ServiceError, UsageError

if TYPE_CHECKING:
    from types import TracebackType

    from workflow_cli.api.project import Project
    from workflow_cli.api.results import Answered, PendingQuestion
    from workflow_cli.app.answering.answer_question import Outcome
    from workflow_cli.domain.answering.asked import Asked

#: Seconds; nobody waits longer than a day.
LONGEST_WAIT = 86_400.0


class QuestionRouter(OnProject):
    """Asks the documents, a model, tools and at last a person, as `workflow ask` does.

    Any number of questions may be asked at once; the same one under way is asked once. As a context manager (`async with`) it
    keeps connections and tool servers between questions, which otherwise live as long as any question is under way.
    """

    def _begin(self, project: Project) -> None:
        super()._begin(project)
        self._asking = Asking(project)

    async def __aenter__(self) -> Self:
        self._asking.hold()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._asking.release()

    async def ask_question(
        self,
        question: str,
        agent_id: str | None = None,
        *,
        context: Mapping[str, object] | None = None,
        answerers: Sequence[str] | None = None,
        wait: float = 0.0,
        queue: bool = True,
    ) -> Answered:
        """The answer, with its checked sources; `pending` where it waits for a person.

        `agent_id` is who asks, for those who see it wait; by default whom git knows. `context` are facts by key: `change` is the
        change it is about, the others are those of `workflow ask --context`. `answerers` limits who is asked: `specs`, `model`,
        `tools`, `person`. With `wait` it is waited so many seconds for a person's answer; without `queue` nobody is left to it.

        Raises FaultyInput or UsageError for what cannot be asked so, ServiceError where nobody could even look.
        """
        _check_wait(wait, queue=queue)
        asked = await self._asked(question, agent_id, context or {}, answerers)
        with errors_for_programs():
            async with self._asking.run() as run:
                outcome = await run.use_case.answer(asked, wait=wait, queue=queue)
                return _answered(outcome, run.degraded)

    async def get_pending_questions(self) -> tuple[PendingQuestion, ...]:
        """The questions that wait for a person or an agent, the most urgent and oldest first. Raises DocumentError."""
        project = self._project

        def work() -> tuple[PendingQuestion, ...]:
            from workflow_cli.wiring.questions import QuestionsRun

            with QuestionsRun(project.root, project.settings) as run:
                return tuple(run.queue.listed(answered=False))

        return await project.in_thread(work)

    async def submit_answer(
        self,
        question_id: str,
        answer: str,
        *,
        author: str | None = None,
        agent: str | None = None,
        sources: Sequence[str] = (),
        replace: bool = False,
    ) -> PendingQuestion:
        """The question with its answer, which everyone gets who asked it, waits for it, or asks it later.

        `author` is the person who answers, by default whom git knows; an answer of an `agent` is marked as such. `sources` are
        lines of documents that say so, as `PATH:LINE`; without any it is shown as unsourced.

        Raises UsageError where no question has this id, or the beginning of one; FaultyInput for an answer or a source that is
        none; AlreadyThere where it has another answer, unless `replace`.
        """
        check_who(author, agent)
        project = self._project

        def work() -> PendingQuestion:
            from workflow_cli.app.agent_drafts import agent_name
            from workflow_cli.app.answering.pending import Who
            from workflow_cli.wiring.questions import QuestionsRun

            with QuestionsRun(project.root, project.settings) as run:
                who = Who(name=author or project.person) if agent is None else Who(name=agent_name(agent), agent=True)
                return run.use_case.answer(question_id, answer, who=who, cited=sources, replace=replace)[0]

        return await project.in_thread(work)

    async def _asked(
        self, question: str, asker: str | None, context: Mapping[str, object], answerers: Sequence[str] | None
    ) -> Asked:
        """The question with everything about it checked, in a thread: a change's name is looked up."""
        project = self._project

        def work() -> Asked:
            from workflow_cli.app.agent_drafts import agent_name
            from workflow_cli.app.answering.checked_asked import checked_answerers, checked_asked
            from workflow_cli.domain.answering.context import checked_question
            from workflow_cli.wiring.documents import change_names

            settings, facts = project.settings, dict(context)
            change = facts.pop("change", None)
            if change is not None and not isinstance(change, str):
                raise UsageError(f"a change's name was expected, not {change!r}", where="context")
            text = checked_question(question)
            try:
                return checked_asked(
                    text,
                    change=change,
                    context=facts,
                    changes=lambda: change_names(project.root, settings),
                    more_keys=settings.questions.context_keys,
                    asker=None if asker is None else agent_name(asker),
                    answerers=checked_answerers(answerers),
                )
            except FaultyInput as error:
                error.where, error.hint = (
                    "context",
                    error.hint or "leave these out; questions.context_keys allows more keys",
                )
                raise

        return await project.in_thread(work)


def check_who(author: str | None, agent: str | None) -> None:
    """Raises UsageError where both are named."""
    if author is not None and agent is not None:
        raise UsageError("either a person or an agent does it", where="author", hint="leave out author or agent")


def _check_wait(wait: float, *, queue: bool) -> None:
    if not 0 <= wait <= LONGEST_WAIT:
        raise UsageError(f"{wait} seconds cannot be waited", where="wait", hint="give seconds, at most 86400")
    if wait and not queue:
        raise UsageError("wait is for who answers from the queue", where="wait", hint="leave out queue=False, or wait")


def _answered(outcome: Outcome, missing: Sequence[Mapping[str, str]]) -> Answered:
    from dataclasses import fields

    from workflow_cli.api.results import Answered, Degraded

    if outcome.answer is None:
        raise outcome.fault or ServiceError("nobody could be asked")
    degraded = (*outcome.degraded, *(Degraded(**one) for one in missing))
    answer = {field.name: getattr(outcome.answer, field.name) for field in fields(outcome.answer)}
    return Answered(**answer, question=outcome.asked.text, degraded=degraded)
