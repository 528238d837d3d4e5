"""Many questions, answered side by side, told in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import AnswerQuestion, Outcome
    from workflow_cli.domain.answering.asked import Asked


async def answer_many(
    router: AnswerQuestion,
    questions: Sequence[Asked],
    tell: Callable[[int, Outcome], None],
    *,
    at_once: int,
    wait: float = 0.0,
    queue: bool = True,
) -> None:
    """Answer all of them, at most `at_once` at a time; `tell` gets each outcome with its place, in order, as soon as
    those before it are told.

    Where it is cancelled, what is answered and was still waiting for its turn is told before it ends.
    """
    import anyio

    places = iter(range(len(questions)))
    ready: dict[int, Outcome] = {}
    next_place = 0
    failed: list[Exception] = []

    def tell_ready() -> None:
        nonlocal next_place
        while (outcome := ready.pop(next_place, None)) is not None:
            next_place += 1
            tell(next_place - 1, outcome)

    async def work() -> None:
        try:
            for place in places:
                await anyio.lowlevel.checkpoint()
                ready[place] = await router.answer(questions[place], wait=wait, queue=queue)
                tell_ready()
        except Exception as error:
            failed.append(error)  # raised outside, where it is not wrapped in a group
            group.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as group:
            for _ in range(min(at_once, len(questions))):
                group.start_soon(work)
    finally:
        for place in () if failed else sorted(ready):
            tell(place, ready[place])
    if failed:
        raise failed[0]
