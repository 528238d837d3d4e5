"""Answers a question: cache, documents, a model, tools, and at last a person.

`begin` takes what needs no waiting, `finish` the rest in an event loop; `answer` is both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workflow_cli.app.answering.answer_memory import AnswerMemory
from workflow_cli.app.answering.asked_once import AskedOnce
from workflow_cli.app.answering.people import People
from workflow_cli.app.answering.question_event import record_question
from workflow_cli.app.answering.route_walk import Means, Walk
from workflow_cli.app.report import Degraded
from workflow_cli.domain.answering.answer import Answer, AnswerStatus, RouteStep, StepOutcome
from workflow_cli.domain.answering.question_key import question_key
from workflow_cli.domain.answering.route import CACHE, GIVEN, MODEL, PERSON, SPECS, Planned, plan
from workflow_cli.errors import DocumentError, ServiceError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import QuestionQueue
    from workflow_cli.app.answering.routing_ports import AnswerCache, Leases
    from workflow_cli.app.ports import EventLog
    from workflow_cli.domain.answering.asked import Asked

#: How many questions begin in one turn of the event loop.
_BEGIN_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a question ended. `fault` says why nobody could even look for an answer, and then there is none; `tried` is
    then the route that an answer would tell.
    """

    asked: Asked
    answer: Answer | None
    degraded: tuple[Degraded, ...] = ()
    fault: WorkflowError | None = None
    tried: tuple[RouteStep, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """The arm of an experiment that a question is answered in; `means` None where that is the settings in force."""

    experiment: str
    arm: str | None
    unit: str
    means: Means | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A question of which everything that needs no waiting is done; `outcome` where that was all."""

    asked: Asked
    key: str
    started: float
    walk: Walk
    means: Means
    drawn: Drawn | None = None
    outcome: Outcome | None = None


class AnswerQuestion:
    """Lives in one event loop. `missing` says of each answerer that cannot be asked why not.

    `who` names the asker where a question does not, for those who see it wait. `draw` says in which arm of an experiment
    a question is answered, where one is under way; where it raises DocumentError, the question takes part in none, and the
    outcome says so. `config` is the hash of the settings' file, for events.
    """

    def __init__(
        self,
        means: Means,
        *,
        cache: AnswerCache,
        leases: Leases,
        queue: QuestionQueue | None,
        events: EventLog,
        missing: Mapping[str, str],
        who: Callable[[], str | None] = lambda: None,
        draw: Callable[[Asked], Drawn | None] = lambda _: None,
        config: str | None = None,
    ) -> None:
        self._means = means
        self._draw = draw
        self._config = config
        self._clock = means.clock
        self._cache = cache
        self._events = events
        self._missing = missing
        may = missing.get(PERSON) is None
        self._people = People(queue, means, who=who) if queue is not None and may else None
        self._once = AskedOnce(leases, means.clock, conclude=self._conclude)
        self._beginning: Any = None

    async def answer(self, asked: Asked, *, wait: float = 0.0, queue: bool = True) -> Outcome:
        """Answer it. `wait` is how many seconds to wait for a person; without `queue` nobody is asked to."""
        import anyio

        asked_at = self._clock.elapsed()
        # Beginning takes no turn of the event loop. Of a thousand questions that come at once all would begin before
        # the first answer that is there could be taken and its place given to the next.
        if self._beginning is None:
            self._beginning = anyio.Semaphore(_BEGIN_AT_ONCE, fast_acquire=True)
        async with self._beginning:
            await anyio.lowlevel.checkpoint()
            begun = self.begin(asked, wait=wait > 0, queue=queue, asked_at=asked_at)
        if begun.outcome is not None:
            return begun.outcome
        return await self.finish(begun, wait=wait, queue=queue)

    def begin(self, asked: Asked, *, wait: bool = False, queue: bool = True, asked_at: float | None = None) -> Begun:
        """Do what needs no waiting: look into cache and answers given by people, then into the documents.

        With `wait`, a question that has to wait for a person is left to `finish`. `asked_at` is when it came, on the
        clock's `elapsed`, where that was not just now: what was looked at since is new enough for it.
        """
        started = self._clock.elapsed()
        try:
            drawn, undrawn = self._draw(asked), None
        except DocumentError as error:
            drawn, undrawn = None, error.with_next_step
        means = self._means if drawn is None or drawn.means is None else drawn.means
        planned = plan(asked.kind, means.policy, only=asked.answerers, missing=self._missing)
        key = question_key(asked)
        walk = Walk(means, asked, planned, asked_at=asked_at)
        if undrawn is not None:
            walk.degraded.append(Degraded(what="experiment", why=undrawn))
        begun = Begun(asked=asked, key=key, started=started, walk=walk, means=means, drawn=drawn)
        known = self._known(begun, planned)
        if known is not None:
            return replace(begun, outcome=self._end(begun, known, cached=True))
        if self._once.is_under_way(begun) or not walk.quick():
            return begun
        answer = self._conclude(begun)
        if queue and (people := self._left_to(begun, answer)):
            if wait:
                return begun
            answer = people.queued(begun, answer)
        return replace(begun, outcome=self._end(begun, answer))

    async def finish(self, begun: Begun, *, wait: float = 0.0, queue: bool = True) -> Outcome:
        """Do the rest. Identical questions under way are asked once."""
        import anyio

        try:
            answer, shared = await self._once.answer(begun)
            if queue and (people := self._left_to(begun, answer)):
                answer = await anyio.to_thread.run_sync(people.queued, begun, answer)
                if wait and answer is not None and answer.status is AnswerStatus.PENDING:
                    answer = await people.waited(answer, wait)
            return self._end(begun, answer, shared=shared)
        except anyio.get_cancelled_exc_class():
            self._record(begun, None, outcome="interrupted")
            raise

    # -- what is known already -----------------------------------------------------------------------------------

    def _known(self, begun: Begun, planned: tuple[Planned, ...]) -> Answer | None:
        names = {one.answerer for one in planned}
        if begun.means.policy.cache:
            final_only = any(one.answerer == MODEL and one.missing is None for one in planned)
            recalled = self._memory(begun).recall(begun.key, final_only=final_only)
            if recalled is not None and recalled[0].answerer in names:
                kept, age = recalled
                ago = "and what it cites is unchanged" if kept.sources else _ago(age)
                return self._with_step(kept, begun, CACHE, f"asked before, {ago}")
        if PERSON in names and self._people is not None:
            try:
                given = self._people.answered(begun.asked)
            except WorkflowError as error:
                begun.walk.degraded.append(Degraded(what="questions", why=str(error)))
                return None
            if given is not None:
                return self._with_step(given, begun, GIVEN, "it was answered before")
        return None

    def _with_step(self, answer: Answer, begun: Begun, name: str, reason: str) -> Answer:
        milliseconds = (self._clock.elapsed() - begun.started) * 1000
        step = RouteStep(answerer=name, reason=reason, milliseconds=milliseconds, outcome=StepOutcome.ANSWERED)
        if self._means.on_step is not None:
            self._means.on_step(step)
        return replace(answer, route=(step,))

    # -- the conclusion ------------------------------------------------------------------------------------------

    def _conclude(self, begun: Begun) -> Answer | None:
        """What the walk came to, kept for the next who asks; None where nobody could look for an answer."""
        walk, asked = begun.walk, begun.asked
        route = tuple(walk.route)
        if walk.answer is not None:
            found = walk.answer.found
            answer = Answer(
                id=_id(begun.key, walk.answer.answerer, found.text),
                text=found.text,
                status=AnswerStatus.ANSWERED,
                answerer=walk.answer.answerer,
                confidence=found.confidence,
                sources=found.sources,
                route=route,
                unsourced=found.unsourced,
                model=found.model,
                by=found.by,
            )
            files = walk.answer.files
        elif not walk.judged:
            return None
        else:
            refused = walk.refused is not None and not any(s.outcome is StepOutcome.NOTHING for s in route)
            status = AnswerStatus.REFUSED if refused else AnswerStatus.NOT_IN_SPECS
            text = f"Refused: {walk.refused}" if refused else _nothing_said(route)
            last = next((step.answerer for step in reversed(route) if step.outcome is not StepOutcome.SKIPPED), SPECS)
            answer = Answer(
                id=_id(begun.key, last, status.value),
                text=text,
                status=status,
                answerer=last,
                confidence=0.0,
                route=route,
            )
            files = {}
        if begun.means.policy.cache:
            # An answer by passages alone must not stand in the way of the model once that is there again.
            provisional = answer.answerer == SPECS and not walk.settled
            self._memory(begun).keep(begun.key, asked, answer, files, provisional=provisional)
        return answer

    def _memory(self, begun: Begun) -> AnswerMemory:
        means = begun.means
        return AnswerMemory(
            self._cache,
            means.index,
            means.files,
            means.clock,
            seconds=means.policy.cache_seconds,
            cited=means.policy.cache_cited_seconds,
            model=means.policy.models.get(begun.asked.kind.value),
        )

    def _left_to(self, begun: Begun, answer: Answer | None) -> People | None:
        """The people that a question without an answer may wait for."""
        if answer is not None and answer.status is AnswerStatus.ANSWERED:
            return None
        asked = begun.asked
        order = begun.means.policy.order_for(asked.kind)
        return self._people if PERSON in (asked.answerers if asked.answerers is not None else order) else None

    def _end(self, begun: Begun, answer: Answer | None, *, cached: bool = False, shared: bool = False) -> Outcome:
        degraded = list(begun.walk.degraded)
        if self._cache.degraded:
            degraded.append(Degraded(what="cache", why=self._cache.degraded))
        unique = tuple(dict.fromkeys(degraded))
        fault = None if answer is not None else _nobody(begun)
        self._record(begun, answer, cached=cached, shared=shared, outcome="failed")
        tried = () if fault is None else tuple(begun.walk.route)
        return Outcome(asked=begun.asked, answer=answer, degraded=unique, fault=fault, tried=tried)

    def _record(self, begun: Begun, answer: Answer | None, **more: Any) -> None:
        walk = begun.walk
        record_question(
            self._events,
            begun.asked,
            begun.key,
            answer,
            seconds=self._clock.elapsed() - begun.started,
            evidence=walk.evidence,
            topic=walk.topic,
            unchecked=walk.unchecked,
            spent=walk.spent,
            drawn=begun.drawn,
            config=self._config,
            **more,
        )


def _ago(seconds: float) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if (count := int(seconds // length)) > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def _nothing_said(route: Sequence[RouteStep]) -> str:
    looked = any(s.answerer in (SPECS, MODEL) and s.outcome is not StepOutcome.SKIPPED for s in route)
    return (
        "The documents do not say."
        if looked
        else "Nobody who was asked has an answer; the documents were not looked at."
    )


def _id(key: str, answerer: str, text: str) -> str:
    """The same for the same answer to the same question, so that whoever has seen it can name it."""
    parts = f"{key}\0{answerer}\0{text}".encode("utf-8", "surrogatepass")
    return f"a{hashlib.sha256(parts).hexdigest()[:16]}"


def _nobody(begun: Begun) -> WorkflowError:
    """Why nobody could even look for an answer."""
    failures = begun.walk.failures
    if failures:
        first = failures[0]
        return ServiceError(
            "nobody could answer: " + "; ".join(failure.message for failure in failures),
            where=first.where,
            hint=first.hint or "workflow ask --explain shows what was tried",
        )
    reasons = "; ".join(f"{step.answerer}: {step.reason}" for step in begun.walk.route) or "no answerer is left"
    return ServiceError(f"nobody could be asked ({reasons})", hint="choose other answerers, or see `answers.order`")
