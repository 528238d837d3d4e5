"""What a request wants as its reply: text to show, or JSON of a form, and the model is told once what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.failures import ServerFailed
from workflow_cli.adapters.lmstudio.forms import Form, schema_text
from workflow_cli.adapters.lmstudio.one_call import tokens_of
from workflow_cli.adapters.lmstudio.reply_data import data_of, is_about_form, text_of, thought_only
from workflow_cli.adapters.prompt_files import load_prompt
from workflow_cli.app.answering.ports import ChatMessage, ChatReply
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.prompt import filled
from workflow_cli.domain.answering.tokens import estimate_tokens
from workflow_cli.domain.answering.visible_text import VisibleStream, is_tool_call, visible_text

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.account import Call
    from workflow_cli.adapters.lmstudio.conversation import Said
    from workflow_cli.adapters.lmstudio.form_memory import FormMemory
    from workflow_cli.adapters.lmstudio.one_call import Answered, Calls

#: How much of a bad reply the model is shown again, in characters.
_SHOWN_AGAIN = 6000


class Replies:
    """`forms` remembers in which form a model gave what was asked for."""

    def __init__(self, calls: Calls, forms: FormMemory) -> None:
        self._calls = calls
        self._forms = forms

    async def plain(self, call: Call) -> ChatReply:
        stream = VisibleStream()
        answered = await self._calls.reply(call, call.request.messages, None, stream=stream)
        text = visible_text(answered.said.content)
        if call.request.on_text and (rest := stream.end()):
            call.request.on_text(rest)
        if not text:
            why = "the whole reply went into reasoning" if answered.said.reasoning else "the reply shows nothing"
            raise _bad(call, answered, why)
        if is_tool_call(text):
            raise _bad(call, answered, "the model called a tool where none was offered")
        return _reply(call, answered, text=text)

    async def structured(self, call: Call, schema: Mapping[str, Any]) -> ChatReply:
        """Ask for JSON in one form after the other until a reply satisfies the schema."""
        refused: set[Form] = set()
        repaired = False
        problem: AnswererFailed | None = None
        while len(refused) < len(Form):
            messages = call.request.messages
            try:
                answered = await self._calls.reply(call, messages, schema, refused=refused)
            except ServerFailed as failed:
                if call.form is None or not is_about_form(failed, call.form):
                    raise
                problem = failed
                refused |= {call.form} | ({Form.QUIET} if call.form is Form.SCHEMA else set())
                continue
            form = answered.form
            assert form is not None
            data, wrong = data_of(answered.said, schema)
            if wrong and not repaired and not thought_only(answered.said):
                repaired = True
                answered, data, wrong = await self._repaired(call, answered, schema, wrong)
            if not wrong:
                self._forms.put(answered.place.server.label, answered.place.model.id, form)
                return _reply(call, answered, text=text_of(answered.said), data=data)
            problem = _bad(call, answered, f"the reply is not what was asked for: {_why(answered.said, wrong)}")
            refused.add(form)
            if form is not Form.QUIET and not thought_only(answered.said):
                refused.add(Form.QUIET)  # it helps against thinking only
        assert problem is not None
        raise problem

    async def _repaired(
        self, call: Call, answered: Answered, schema: Mapping[str, Any], wrong: Sequence[str]
    ) -> tuple[Answered, Any, Sequence[str]]:
        """One more turn, in which the model is told what is wrong. The first reply stands if this one fails."""
        _mark(call, FailureKind.BAD_REPLY)
        template = load_prompt("repair")
        cut = ["it was cut off at the end: reply more briefly"] if answered.said.cut else []
        values = {"faults": "\n".join(f"- {fault}" for fault in [*cut, *wrong][:8]), "schema": schema_text(schema)}
        turn = (
            *call.request.messages,
            ChatMessage(role="assistant", content=text_of(answered.said)[:_SHOWN_AGAIN]),
            ChatMessage(role="user", content=filled(template.user, values)),
        )
        others = {form for form in Form if form is not answered.form}
        try:
            again = await self._calls.reply(call, turn, schema, refused=others)
        except ServerFailed as failed:
            if failed.kind in (FailureKind.CONTEXT_OVERFLOW, FailureKind.BAD_REPLY):
                return answered, None, wrong
            raise
        data, still = data_of(again.said, schema)
        if still:
            _mark(call, FailureKind.BAD_REPLY)
        return again, data, still


def _reply(call: Call, answered: Answered, *, text: str, data: Any = None) -> ChatReply:
    said = answered.said
    counted = said.prompt_tokens > 0 and said.completion_tokens > 0
    reply = estimate_tokens(said.content) + estimate_tokens(said.reasoning)
    return ChatReply(
        text=text,
        data=data,
        model=said.model or answered.place.model.id,
        host=answered.place.server.label,
        complete=said.done and not said.cut,
        prompt_tokens=said.prompt_tokens if counted else tokens_of(call.request.messages),
        completion_tokens=said.completion_tokens if counted else reply,
        reasoning_tokens=said.reasoning_tokens or estimate_tokens(said.reasoning),
        counted=counted,
        first_token_ms=said.first_token_ms,
        milliseconds=answered.milliseconds,
        attempts=tuple(call.attempts),
        queued_ms=call.queued * 1000,
    )


def _mark(call: Call, kind: FailureKind) -> None:
    """The last call came back, but what it said was no use."""
    call.attempts[-1] = replace(call.attempts[-1], failure=kind)


def _why(said: Said, wrong: Sequence[str]) -> str:
    if said.cut:
        what = "thinking" if thought_only(said) else "it"
        wrong = [f"{what} was cut off at the end; more room is lm_studio.max_tokens", *wrong]
    return "; ".join(wrong[:3])


def _bad(call: Call, answered: Answered, message: str) -> ServerFailed:
    _mark(call, FailureKind.BAD_REPLY)
    model, label = answered.said.model or answered.place.model.id, answered.place.server.label
    return ServerFailed(FailureKind.BAD_REPLY, f"{model}: {message}", where=label, status=200)
