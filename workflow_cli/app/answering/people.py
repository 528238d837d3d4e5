"""People as those who are asked last: the question waits for one, who may have answered it before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from workflow_cli.app.answering.check_sources import check_sources
from workflow_cli.app.report import Degraded
from workflow_cli.domain.answering.answer import Answer, AnswerStatus, RouteStep, StepOutcome
from workflow_cli.domain.answering.route import PERSON
from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import Begun
    from workflow_cli.app.answering.ports import PendingQuestion, QuestionQueue
    from workflow_cli.app.answering.route_walk import Means
    from workflow_cli.domain.answering.asked import Asked

#: The confidence in what an agent answered on its own: a person stands for an answer, an agent does not.
_OF_AN_AGENT = 0.5


class People:
    """Those who look into the queue. `who` names the asker where a question does not, for those who see it wait."""

    def __init__(self, queue: QuestionQueue, means: Means, *, who: Callable[[], str | None]) -> None:
        self._queue = queue
        self._means = means
        self._clock = means.clock
        self._who = who

    def answered(self, asked: Asked) -> Answer | None:
        """What somebody answered before. Raises WorkflowError where that cannot be looked up."""
        entry = self._queue.find(asked)
        return None if entry is None or entry.answer is None else self._given(entry)

    def queued(self, begun: Begun, answer: Answer | None) -> Answer | None:
        """The question, waiting for a person; what was concluded so far where it cannot be queued."""
        from workflow_cli.app.answering.pending import as_pending

        asked, started = begun.asked, self._clock.elapsed()
        named = replace(asked, asker=asked.asker or self._who())
        question = as_pending(named, now=self._clock.now(), expire_days=begun.means.policy.expire_days)
        route = answer.route if answer is not None else tuple(begun.walk.route)

        def step(reason: str, outcome: StepOutcome) -> tuple[RouteStep, ...]:
            milliseconds = (self._clock.elapsed() - started) * 1000
            last = RouteStep(answerer=PERSON, reason=reason, milliseconds=milliseconds, outcome=outcome, attempts=1)
            if self._means.on_step is not None:
                self._means.on_step(last)
            return (*route, last)

        try:
            entry = self._queue.put(question)
        except WorkflowError as error:
            begun.walk.degraded.append(Degraded(what="questions", why=f"it could not be queued: {error}"))
            return (
                None
                if answer is None
                else replace(answer, route=step(f"could not be queued: {error}", StepOutcome.FAILED))
            )
        if entry.answer is not None:
            return replace(self._given(entry), route=step("somebody had answered it", StepOutcome.ANSWERED))
        others = f", as {len(entry.askers)} ask" if len(entry.askers) > 1 else ""
        return Answer(
            id=entry.id,
            text="Nobody could answer it; it waits for a person.",
            status=AnswerStatus.PENDING,
            answerer=PERSON,
            confidence=0.0,
            route=step(f"nobody else could answer: it waits for a person{others}", StepOutcome.NOTHING),
        )

    async def waited(self, answer: Answer, seconds: float) -> Answer:
        """The answer to a question that was queued, if it comes in time."""
        started = self._clock.elapsed()
        entry = await self._queue.wait(answer.id, seconds=seconds)
        if entry is None or entry.answer is None:
            return answer
        step = RouteStep(
            answerer=PERSON,
            reason="it was answered while this waited",
            milliseconds=(self._clock.elapsed() - started) * 1000,
            outcome=StepOutcome.ANSWERED,
        )
        return replace(self._given(entry), route=(*answer.route, step))

    def _given(self, entry: PendingQuestion) -> Answer:
        assert entry.answer is not None
        sources, _ = check_sources(self._means.files, entry.sources)
        return Answer(
            id=entry.id,
            text=entry.answer,
            status=AnswerStatus.ANSWERED,
            answerer=PERSON,
            confidence=_OF_AN_AGENT if entry.answered_by_agent else 1.0,
            sources=sources,
            unsourced=not sources,
            by=entry.answered_by,
            by_agent=entry.answered_by_agent,
        )
