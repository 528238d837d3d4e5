"""One question's walk along its route: from the documents over a model to tools, until somebody answers.

The steps that wait for nothing are taken without an event loop (`quick`), the others in one (`rest`).
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workflow_cli.app.answering.check_sources import check_sources
from workflow_cli.app.answering.ports import Answerer, Found, Nothing, Spent
from workflow_cli.app.answering.without_loop import Waits, run_now
from workflow_cli.app.report import Degraded
from workflow_cli.domain.answering.answer import RouteStep, StepOutcome
from workflow_cli.domain.answering.asked import QuestionKind
from workflow_cli.domain.answering.breaker import Admission
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.retry import after, with_next_step
from workflow_cli.domain.answering.route import MODEL, PERSON, SPECS, TOOLS, Planned, RoutePolicy
from workflow_cli.errors import WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.answering.ports import PassageIndex
    from workflow_cli.app.answering.routing_ports import Breakers, SourceFiles
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.answering.passage import Evidence


class Fresh:
    """Brings an index up to date for questions: once for all that were asked before it was looked for changes."""

    def __init__(self) -> None:
        self._index: PassageIndex | None = None
        self._began = -math.inf
        self._faults: tuple[str, ...] = ()

    def faults(self, index: PassageIndex, clock: Clock, *, asked_at: float) -> Sequence[str]:
        """What could not be taken up. Raises what the index does."""
        # Some questions are drawn to be answered with another index.
        if self._index is not index or self._began <= asked_at:
            began = clock.elapsed()
            self._faults = tuple(index.refresh())
            self._index, self._began = index, began
        return self._faults


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a walk works with. `limiters` are made in the event loop, one for each answerer, and shared by all walks.

    `find` finds passages better than the index alone, and may wait for a server: what a model is to read is worth it.
    It raises nothing. `topic` tells what a question is about, the same for the same in other words.
    """

    index: PassageIndex
    answerers: Mapping[str, Answerer]
    files: SourceFiles
    breakers: Breakers
    clock: Clock
    policy: RoutePolicy
    limiters: dict[str, Any] = field(default_factory=dict)
    fresh: Fresh = field(default_factory=Fresh)
    on_step: Callable[[RouteStep], None] | None = None
    find: Callable[[Asked, int], Awaitable[Sequence[Evidence]]] | None = None
    topic: Callable[[str], str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An answer whose quotes were just found in the files. `files` are the SHA-256 of those it cites."""

    answerer: str
    found: Found
    files: Mapping[str, str]


class Walk:
    """`answer` is what the walk came to; None where nobody answered, and then `judged` says whether anybody could
    have. A walk ends with its first answer, unless that is retrieval's and somebody could make more of it: `settled`
    tells that nobody could."""

    def __init__(self, means: Means, asked: Asked, plan: Sequence[Planned], *, asked_at: float | None = None) -> None:
        self._means = means
        self._asked = asked
        self._plan = [planned for planned in plan if planned.answerer != PERSON]
        self._started = means.clock.elapsed()
        self._asked_at = self._started if asked_at is None else asked_at
        self._at = 0
        self._evidence: Sequence[Evidence] | None = None
        self.route: list[RouteStep] = []
        self.degraded: list[Degraded] = []
        self.answer: Standing | None = None
        self.over = False
        self.settled = False
        self.judged = False
        self.refused: str | None = None
        self.failures: list[AnswererFailed] = []
        self.unchecked = 0
        self.spent: list[tuple[str, int, Spent]] = []
        self._queued = 0.0

    @property
    def evidence(self) -> Sequence[Evidence]:
        return self._evidence or ()

    @property
    def topic(self) -> str | None:
        """What the question is about; None where no passage was sought, for then nothing that tells is loaded."""
        return self._means.topic(self._asked.text) if self._means.topic and self._evidence is not None else None

    @property
    def left(self) -> float:
        """Seconds until the deadline of the whole question."""
        return self._started + self._means.policy.deadline - self._means.clock.elapsed()

    @property
    def ended(self) -> bool:
        return self.over or self._at >= len(self._plan)

    def quick(self) -> bool:
        """Take the steps that wait for nothing; whether the walk has ended."""
        while not self.ended:
            planned = self._plan[self._at]
            if not self._passed_over(planned):
                if planned.answerer != SPECS:
                    return False
                started = self._means.clock.elapsed()
                if self._retrieve(started):
                    try:
                        self._take(
                            SPECS, run_now(self._means.answerers[SPECS].answer(self._asked, self.evidence)), started
                        )
                    except Waits:
                        return False
                    except AnswererFailed as failure:
                        self._failed(SPECS, failure, started, attempts=1)
            self._at += 1
        return True

    async def rest(self) -> None:
        """Take the steps that are left, in an event loop."""
        while not self.ended:
            planned = self._plan[self._at]
            if not self._passed_over(planned):
                started = self._means.clock.elapsed()
                if self._needs_no_passages(planned) or self._retrieve(started):
                    await self._ask(planned.answerer, started)
            self._at += 1

    # -- passing over --------------------------------------------------------------------------------------------

    def _passed_over(self, planned: Planned) -> bool:
        """Whether there is a reason not to ask this one, which then is in the route."""
        why = planned.missing
        if why is None and planned.answerer == TOOLS and self.answer and self._asked.kind is not QuestionKind.TOOL:
            why = "the documents have an answer"
        if why is None and planned.answerer == MODEL and self._evidence is not None and not self._evidence:
            why = "no passage was found that it could read"
        if why is None and self.left <= 0:
            why = "the time is up"
        if why is not None:
            self._step(planned.answerer, why, StepOutcome.SKIPPED)
        return why is not None

    def _needs_no_passages(self, planned: Planned) -> bool:
        return self._evidence is not None or planned.answerer == TOOLS

    # -- retrieval -----------------------------------------------------------------------------------------------

    def _retrieve(self, started: float) -> bool:
        """Find the passages; where that fails, it is in the route."""
        if self._evidence is not None:
            return True
        means = self._means
        try:
            for reason in means.fresh.faults(means.index, means.clock, asked_at=self._asked_at):
                self.degraded.append(Degraded(what="retrieval", why=reason))
            self._evidence = means.index.search(
                self._asked.text, limit=means.policy.passages, change=self._asked.change
            )
        except WorkflowError as error:
            self.degraded.append(Degraded(what="retrieval", why=str(error)))
            self.failures.append(
                AnswererFailed(FailureKind.UNREACHABLE, error.message, where=error.where, hint=error.hint)
            )
            self._step(
                SPECS, f"the documents could not be searched: {error}", StepOutcome.FAILED, started, failure="error"
            )
            self._evidence = ()
            return False
        return True

    # -- asking --------------------------------------------------------------------------------------------------

    async def _ask(self, name: str, started: float) -> None:
        means = self._means
        if name != SPECS:
            admission = means.breakers.admit(name, trial_lasts=min(self._budget(name), self.left) + 5)
            if admission is Admission.OPEN:
                self._left_alone(name)
                return
        if name == MODEL:
            await self._look_further()
        attempts, evidence = 0, self.evidence
        while True:
            attempts += 1
            try:
                said = await self._call(name, evidence)
            except AnswererFailed as failure:
                again = after(
                    failure.kind,
                    before_reply=failure.before_reply,
                    retry_after=failure.retry_after,
                    attempt=attempts,
                    attempts=means.policy.attempts,
                    passages=len(evidence),
                    left=self.left,
                )
                if again is None:
                    if name != SPECS:
                        means.breakers.failed(
                            name,
                            failure.kind,
                            means.policy.breaker,
                            retry_after=failure.retry_after,
                            why=with_next_step(failure),
                        )
                    self._failed(name, failure, started, attempts)
                    return
                evidence = evidence[: again.passages]
                if again.wait:
                    import anyio

                    await anyio.sleep(again.wait)
                continue
            if name != SPECS:
                means.breakers.succeeded(name)
            self._take(name, said, started, attempts)
            return

    def _left_alone(self, name: str) -> None:
        """Tell that a breaker is open, and by which failure: whoever asks now has not seen it."""
        state = self._means.breakers.state(name)
        kind = state.kind or "error"
        last = f"; the last time: {state.why}" if state.why else ""
        self._step(name, f"left alone for a while: it kept failing ({kind}){last}", StepOutcome.SKIPPED, failure=kind)
        self.degraded.append(
            Degraded(what=name, why=f"not asked: it kept failing ({kind}), and is left alone for a while{last}")
        )

    async def _look_further(self) -> None:
        """Put the passages in a better order for who reads them, within the reader's time."""
        if self._means.find is None or not self.evidence:
            return
        import anyio

        with anyio.move_on_after(min(self._budget(MODEL), self.left) / 4):
            self._evidence = await self._means.find(self._asked, self._means.policy.passages) or self._evidence

    async def _call(self, name: str, evidence: Sequence[Evidence]) -> Found | Nothing:
        """One call, when it is this question's turn, within the time it may take. Raises AnswererFailed."""
        import anyio

        means = self._means
        limiter = means.limiters.get(name)
        if limiter is None:
            limiter = means.limiters[name] = anyio.CapacityLimiter(means.policy.limits.get(name, 8))
        with anyio.move_on_after(self.left):
            waited_from = means.clock.elapsed()
            async with limiter:
                self._queued += (means.clock.elapsed() - waited_from) * 1000
                # The answerer's own time begins when it is its turn.
                budget = min(self._budget(name), self.left)
                with anyio.move_on_after(budget):
                    try:
                        return await means.answerers[name].answer(self._asked, evidence)
                    except AnswererFailed:
                        raise
                    except WorkflowError as error:
                        raise AnswererFailed(
                            FailureKind.BAD_REPLY, error.message, where=error.where, hint=error.hint
                        ) from error
                raise AnswererFailed(FailureKind.TIMEOUT, f"no answer within {budget:.3g} s")
        raise AnswererFailed(FailureKind.TIMEOUT, "its turn did not come within the time for the whole question")

    def _budget(self, name: str) -> float:
        return self._means.policy.budgets.get(name, self._means.policy.deadline)

    # -- what came of it -----------------------------------------------------------------------------------------

    def _take(self, name: str, said: Found | Nothing, started: float, attempts: int = 1) -> None:
        self.judged = True
        self.spent += [(name, attempts, one) for one in said.spent]
        self._queued += said.queued_ms
        self.degraded += [Degraded(what=name, why=why) for why in said.skipped]
        if isinstance(said, Nothing):
            self.unchecked += said.unchecked
            self._step(name, said.reason, StepOutcome.NOTHING, started, attempts=attempts)
            return
        self.unchecked += said.unchecked
        found, files = self._checked(name, said)
        if found is None:
            reason = f"none of its {len(said.sources)} quotes is in the files" if said.sources else "it cites nothing"
            self._step(name, reason, StepOutcome.NOTHING, started, attempts=attempts)
            return
        self.answer = Standing(answerer=name, found=found, files=files)
        self.settled = name != SPECS or self._is_enough(found)
        self.over = self.settled or not self._anybody_better()
        self._step(name, self._why(name, found), StepOutcome.ANSWERED, started, attempts=attempts)

    def _is_enough(self, found: Found) -> bool:
        return self._asked.kind is QuestionKind.LOOKUP and found.confidence >= self._means.policy.sure

    def _anybody_better(self) -> bool:
        """Whether somebody is still to be asked who could make more of it than the passages are by themselves."""
        later = (planned.answerer for planned in self._plan[self._at + 1 :] if planned.missing is None)
        return any(name == MODEL or self._asked.kind is QuestionKind.TOOL for name in later)

    def _why(self, name: str, found: Found) -> str:
        if name != SPECS:
            return f"answered with {_counted(len(found.sources), 'checked quote')}" if found.sources else "answered"
        likely = f"confidence {found.confidence:.2f}"
        if self._is_enough(found):
            return f"the documents say it: {likely}, {self._means.policy.sure:g} is enough"
        if self.over:
            return f"passages were found: {likely}; nobody further to ask"
        if self._asked.kind is QuestionKind.LOOKUP:
            return f"passages were found: {likely}, below {self._means.policy.sure:g}; somebody may make more of them"
        return f"passages were found: {likely}; a question of kind {self._asked.kind.value} wants more than passages"

    def _checked(self, name: str, said: Found) -> tuple[Found | None, Mapping[str, str]]:
        """The answer with the sources that stand, None where it has none and needs some; and hashes of their files."""
        sources, files = check_sources(self._means.files, said.sources)
        self.unchecked += len(said.sources) - len(sources)
        confidence = min(max(said.confidence, 0.0), 1.0)
        if sources:
            # What is left proves only its part of the answer.
            confidence *= len(sources) / len(said.sources)
            return replace(said, sources=sources, confidence=confidence), files
        if name == TOOLS and said.text.strip():
            return replace(said, sources=(), confidence=confidence, unsourced=True), {}
        return None, {}

    def _failed(self, name: str, failure: AnswererFailed, started: float, attempts: int) -> None:
        self.failures.append(failure)
        if failure.kind is FailureKind.REFUSED:
            self.judged = True
            self.refused = failure.message
        self._step(name, str(failure), StepOutcome.FAILED, started, failure=failure.kind.value, attempts=attempts)
        self.degraded.append(Degraded(what=name, why=with_next_step(failure)))
        self.degraded += [Degraded(what=name, why=why) for why in failure.skipped]

    def _step(
        self,
        name: str,
        reason: str,
        outcome: StepOutcome,
        started: float | None = None,
        *,
        failure: str | None = None,
        attempts: int = 0,
    ) -> None:
        now = self._means.clock.elapsed()
        milliseconds = 0.0 if started is None else (now - started) * 1000
        queued, self._queued = min(self._queued, milliseconds), 0.0
        step = RouteStep(
            answerer=name,
            reason=reason,
            milliseconds=milliseconds,
            outcome=outcome,
            failure=failure,
            attempts=attempts,
            queued=queued,
        )
        self.route.append(step)
        if self._means.on_step is not None:
            self._means.on_step(step)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
