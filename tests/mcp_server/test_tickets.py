"""Questions under way: whose they are, how long they are kept, how many there may be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio
import pytest

from workflow_cli.app.answering.answer_question import Outcome
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.errors import Refused, UsageError
from workflow_cli.mcp_server import tickets
from workflow_cli.mcp_server.tickets import KEPT_SECONDS, Tickets

ASKED = Asked(text="How long?", kind=QuestionKind.LOOKUP)


async def at_once(asked: Asked) -> Outcome:
    return Outcome(asked=asked, answer=None)


async def never(asked: Asked) -> Outcome:
    await anyio.sleep_forever()
    raise AssertionError


def run(work: Callable[[Tickets, list[float]], Awaitable[None]], ask: tickets.Ask = at_once) -> None:
    """`work(tickets, now)`; the time is `now[0]`."""

    async def main() -> None:
        now = [0.0]
        async with anyio.create_task_group() as group:
            await work(Tickets(ask, group, now=lambda: now[0]), now)
            group.cancel_scope.cancel()

    anyio.run(main)


def test_an_id_is_its_callers_own() -> None:
    """Somebody else's is as unknown as one that never was."""

    async def work(kept: Tickets, now: list[float]) -> None:
        ticket = kept.open(ASKED, caller="one")
        assert kept.get(ticket.id, caller="one") is ticket
        for id, caller in ((ticket.id, "other"), (ticket.id, ""), ("t0", "one")):
            with pytest.raises(UsageError, match="unknown or has expired"):
                kept.get(id, caller=caller)

    run(work)


def test_an_answer_is_kept_for_a_while() -> None:
    """From when it came, not from when it was asked."""

    async def work(kept: Tickets, now: list[float]) -> None:
        now[0] = 100.0
        ticket = kept.open(ASKED, caller="")
        await kept.wait(ticket, 60)
        now[0] += KEPT_SECONDS
        assert kept.get(ticket.id, caller="") is ticket
        now[0] += 1
        with pytest.raises(UsageError):
            kept.get(ticket.id, caller="")

    run(work)


def test_what_is_worked_on_does_not_expire() -> None:
    async def work(kept: Tickets, now: list[float]) -> None:
        ticket = kept.open(ASKED, caller="")
        await kept.wait(ticket, 0.01)
        now[0] += 10 * KEPT_SECONDS
        assert kept.get(ticket.id, caller="").outcome is None

    run(work, never)


def test_too_many_are_refused_and_room_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that asks without end is stopped; whoever was cancelled makes room."""
    monkeypatch.setattr(tickets, "MOST_UNDER_WAY", 3)

    async def work(kept: Tickets, now: list[float]) -> None:
        opened = [kept.open(ASKED, caller="") for _ in range(3)]
        await anyio.sleep(0)
        with pytest.raises(Refused, match="3 questions are being answered"):
            kept.open(ASKED, caller="")
        kept.cancel(opened[0])
        await opened[0].over.wait()
        assert kept.open(ASKED, caller="").id not in {ticket.id for ticket in opened}

    run(work, never)


def test_old_answers_make_room_for_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first."""
    monkeypatch.setattr(tickets, "MOST_KEPT", 5)

    async def work(kept: Tickets, now: list[float]) -> None:
        opened = []
        for _ in range(8):
            opened.append(kept.open(ASKED, caller=""))
            await opened[-1].over.wait()
        assert kept.get(opened[-1].id, caller="") is opened[-1]
        with pytest.raises(UsageError):
            kept.get(opened[0].id, caller="")

    run(work)
