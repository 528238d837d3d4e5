"""Edits that a model makes of an instruction: drafted by it, decided by people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workflow_cli.app.answering.ports import ChatMessage, ChatReply, ModelWindow
from workflow_cli.app.model_review.prompting import documents_block, told_back
from workflow_cli.app.model_review.writer import REPAIRS, Writer
from workflow_cli.app.update_documents import Request
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.prompt import fenced, filled
from workflow_cli.domain.answering.tokens import MESSAGE_FRAME
from workflow_cli.domain.model_review.edits import ModelEdit, edit_of
from workflow_cli.domain.model_review.reading import Excerpt
from workflow_cli.domain.model_review.schema import EDITS_SCHEMA
from workflow_cli.errors import FaultyInput, Refused, UsageError, WorkflowError

#: Tries edits out and writes nothing. Raises WorkflowError with the reason where they cannot be carried out.
TryOut = Callable[[Sequence[Request]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Drafted:
    """`because` joins the model's reasons; `repairs` counts the turns it took beyond the first."""

    requests: tuple[Request, ...]
    because: str
    model: str
    repairs: int


class EditByInstruction:
    def __init__(self, writer: Writer, *, try_out: TryOut) -> None:
        self._writer = writer
        self._try_out = try_out

    async def draft(self, instruction: str, documents: Sequence[Excerpt]) -> Drafted:
        """Edits of just these documents that can be carried out.

        Raises AnswererFailed where the model fails or the documents do not fit into its window, Refused with the
        reasons where it proposes nothing or nothing that can be carried out.
        """
        if not instruction.strip():
            raise UsageError("the instruction is empty", where="--ai", hint='say what is to be done: --ai "..."')
        window = await self._writer.window()
        messages = self._messages(instruction, documents, window)
        for repairs in range(REPAIRS + 1):
            reply = await self._writer.ask(messages, window, EDITS_SCHEMA)
            edits, faults = self._edits(reply, documents)
            if not faults:
                requests = tuple(Request(path=e.path, operations=(e.operation,)) for e in edits)
                because = "; ".join(dict.fromkeys(e.because for e in edits if e.because))
                return Drafted(requests=requests, because=because, model=reply.model, repairs=repairs)
            messages = (*messages, *told_back(reply.text, "These edits", faults))
        raise Refused(
            f"{reply.model} proposed no edits that can be carried out: {'; '.join(faults)}",
            hint="say it more exactly, name the document, or use the edit options of workflow update",
        )

    def _edits(self, reply: ChatReply, documents: Sequence[Excerpt]) -> tuple[list[ModelEdit], list[str]]:
        edits: list[ModelEdit] = []
        faults: list[str] = []
        for number, one in enumerate(reply.data["edits"], 1):
            try:
                edits.append(edit_of(one, documents))
            except FaultyInput as error:
                faults += [f"edit {number}: {fault}" for fault in error.faults]
        if not reply.data["edits"]:
            faults.append("there are no edits")
        if not faults:
            try:
                self._try_out([Request(path=e.path, operations=(e.operation,)) for e in edits])
            except WorkflowError as error:
                faults.append(f"{error}" + (f" ({error.hint})" if error.hint else ""))
        return edits, faults

    def _messages(self, instruction: str, documents: Sequence[Excerpt], window: ModelWindow) -> tuple[ChatMessage, ...]:
        fence = self._writer.fence()
        values = {
            "fence": fence,
            "documents": documents_block(documents, fence),
            "instruction": fenced("instruction", instruction, fence),
        }
        system, user = filled(self._writer.template.system, values), filled(self._writer.template.user, values)
        count = self._writer.model.count_tokens
        needed = count(system) + count(user) + 2 * MESSAGE_FRAME
        room = self._writer.room(window).prompt
        if needed > room:
            raise AnswererFailed(
                FailureKind.CONTEXT_OVERFLOW,
                f"the documents take about {needed} tokens, and {window.model} has room for {room}",
                where=window.host,
                hint="name fewer documents, or a requirement with PATH#ADDRESS",
                before_reply=True,
            )
        return (ChatMessage(role="system", content=system), ChatMessage(role="user", content=user))
