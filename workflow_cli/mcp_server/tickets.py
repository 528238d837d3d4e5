"""Questions that are being answered, each under an id of its own that only its asker knows."""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import anyio

from workflow_cli.errors import Refused, ServiceError, UsageError, WorkflowError

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from workflow_cli.app.answering.answer_question import Outcome
    from workflow_cli.domain.answering.asked import Asked

#: Seconds for which a finished question is kept, and how many are kept at all.
KEPT_SECONDS = 3600.0
MOST_KEPT = 20_000
MOST_UNDER_WAY = 5_000
_LOOKED_AT = 20


Ask = Callable[["Asked"], Awaitable["Outcome"]]


@dataclass(kw_only=True, slots=True)
class Ticket:
    """`outcome` is None while it is worked on; `over` is set when it is there."""

    id: str
    asked: Asked
    caller: str
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    over: anyio.Event = field(default_factory=anyio.Event)
    outcome: Outcome | None = None
    ended: float = 0.0


class Tickets:
    """Lives in one event loop, inside `group`."""

    def __init__(self, ask: Ask, group: TaskGroup, *, now: Callable[[], float]) -> None:
        self._ask = ask
        self._group = group
        self._now = now
        self._tickets: OrderedDict[str, Ticket] = OrderedDict()
        self._under_way = 0

    def open(self, asked: Asked, *, caller: str) -> Ticket:
        """Begin to answer. Raises Refused where too much is under way."""
        self._forget_old()
        if self._under_way >= MOST_UNDER_WAY:
            raise Refused(
                f"{self._under_way} questions are being answered, and no more are taken",
                hint="wait for answers with get_answer, then ask again",
            )
        ticket = Ticket(id=f"t{secrets.token_hex(10)}", asked=asked, caller=caller)
        self._tickets[ticket.id] = ticket
        self._under_way += 1
        self._group.start_soon(self._work, ticket)
        return ticket

    def get(self, id: str, *, caller: str) -> Ticket:
        """Raises UsageError for one that is not there, has expired, or is somebody else's."""
        self._forget_old()
        ticket = self._tickets.get(id)
        if ticket is None or not secrets.compare_digest(ticket.caller, caller):
            raise UsageError(
                "this id is unknown or has expired",
                hint="ask the question again: what was answered meanwhile is answered at once",
            )
        return ticket

    def cancel(self, ticket: Ticket) -> None:
        """Stop the work: whoever asked has gone before the id reached them."""
        ticket.scope.cancel()
        self._tickets.pop(ticket.id, None)

    async def wait(self, ticket: Ticket, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await ticket.over.wait()

    async def _work(self, ticket: Ticket) -> None:
        try:
            with ticket.scope:
                ticket.outcome = await self._ask(ticket.asked)
        except WorkflowError as error:
            ticket.outcome = _failed(ticket, error)
        except Exception as error:
            # One question must not end the server, and with it all the others.
            logging.getLogger(__name__).exception("a question failed")
            ticket.outcome = _failed(ticket, ServiceError(f"a bug in workflow: {type(error).__name__}"))
        finally:
            self._under_way -= 1
            ticket.ended = self._now()
            ticket.over.set()

    def _forget_old(self) -> None:
        """A few of the oldest, each time; one that is still worked on stays."""
        now = self._now()
        for id, ticket in list(islice(self._tickets.items(), _LOOKED_AT)):
            over = ticket.over.is_set()
            if over and (now - ticket.ended > KEPT_SECONDS or len(self._tickets) > MOST_KEPT):
                del self._tickets[id]


def _failed(ticket: Ticket, error: WorkflowError) -> Outcome:
    from workflow_cli.app.answering.answer_question import Outcome

    return Outcome(asked=ticket.asked, answer=None, fault=error)
