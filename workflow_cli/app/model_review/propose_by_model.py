"""A new change that a model writes: as notes, which become a change on the same way as a person's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workflow_cli.app.answering.ports import ChatMessage, ChatReply
from workflow_cli.app.model_review.prompting import told_back
from workflow_cli.app.model_review.writer import REPAIRS, Writer
from workflow_cli.domain.answering.prompt import fenced, filled
from workflow_cli.domain.model_review.proposal import PROPOSAL_SCHEMA, faults_of, notes_of
from workflow_cli.errors import Refused, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.propose_change import ProposalRequest, Proposed

#: The change that notes come to, strictly valid. Raises WorkflowError with the reason where it is none.
Prepare = Callable[["ProposalRequest"], "Proposed"]


@dataclass(frozen=True, kw_only=True)
class WrittenProposal:
    """`request` says what the model wrote, as notes; preparing it gives the change. `repairs` counts the turns it took
    beyond the first."""

    request: ProposalRequest
    model: str
    repairs: int


class ProposeByModel:
    def __init__(self, writer: Writer, *, prepare: Prepare) -> None:
        self._writer = writer
        self._prepare = prepare

    async def propose(self, request: ProposalRequest, *, known: Sequence[str]) -> WrittenProposal:
        """`known` tells the model what the tree says already, a line each.

        Raises what preparing without a model raises for the request itself; AnswererFailed where the model fails;
        Refused with the reasons where what it writes is still not valid after two repairs.
        """
        floor = self._prepare(request)
        window = await self._writer.window()
        messages = self._messages(request, floor, known, self._writer.room(window).prompt)
        faults: list[str] = []
        for repairs in range(REPAIRS + 1):
            reply = await self._writer.ask(messages, window, PROPOSAL_SCHEMA)
            faults = faults_of(reply.data)
            if not faults:
                written = self._written(request, floor, reply)
                try:
                    self._prepare(written)
                    return WrittenProposal(request=written, model=reply.model, repairs=repairs)
                except WorkflowError as error:
                    faults = [f"{error}" + (f" ({error.hint})" if error.hint else "")]
            messages = (*messages, *told_back(reply.text, "This proposal", faults))
        raise Refused(
            f"what {window.model} wrote is not valid, after {REPAIRS} repairs: {'; '.join(faults)}",
            hint="leave out --ai, or describe the change with --from-file",
        )

    def _written(self, request: ProposalRequest, floor: Proposed, reply: ChatReply) -> ProposalRequest:
        return replace(
            request,
            title=request.title or floor.title,
            notes=notes_of(reply.data, floor.title).encode(),
            notes_from=reply.model,
            question=None,
            id=floor.id,
        )

    def _messages(
        self, request: ProposalRequest, floor: Proposed, known: Sequence[str], room: int
    ) -> tuple[ChatMessage, ...]:
        fence = self._writer.fence()
        notes = request.notes.decode("utf-8", "replace") if request.notes else ""
        overlaps = [f"{overlap.place}: {overlap.quote}" for overlap in floor.overlaps]
        values = {
            "fence": fence,
            "title": fenced("title", floor.title, fence),
            "because": fenced("because", request.because or "", fence),
            "notes": fenced("notes", notes, fence),
            "known": "",
        }
        system = filled(self._writer.template.system, values)
        left = (
            room
            - self._writer.model.count_tokens(system)
            - self._writer.model.count_tokens(filled(self._writer.template.user, values))
        )
        told: list[str] = []
        for line in (*overlaps, *known):
            left -= self._writer.model.count_tokens(line) + 1
            if left < 0:
                break
            told.append(line)
        values["known"] = fenced("known", "\n".join(told), fence)
        user = filled(self._writer.template.user, values)
        return (ChatMessage(role="system", content=system), ChatMessage(role="user", content=user))
