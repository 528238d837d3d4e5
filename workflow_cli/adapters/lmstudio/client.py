"""LM Studio and its like as the model that use cases ask."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.account import Call, event_of
from workflow_cli.adapters.lmstudio.address import address_of
from workflow_cli.adapters.lmstudio.conversation import Said, Times, converse, converse_whole
from workflow_cli.adapters.lmstudio.embeddings import EMBEDDING_WINDOW, embedded
from workflow_cli.adapters.lmstudio.failures import ServerFailed
from workflow_cli.adapters.lmstudio.forms import Form, fields_of, in_order, needs_instruction, schema_text
from workflow_cli.adapters.lmstudio.listing import Model, same_model
from workflow_cli.adapters.lmstudio.placing import Place, places_for
from workflow_cli.adapters.lmstudio.reply_data import data_of, is_about_form, text_of, thought_only
from workflow_cli.adapters.lmstudio.server import Server
from workflow_cli.adapters.lmstudio.slots import Slots
from workflow_cli.adapters.prompt_files import load_prompt
from workflow_cli.app.answering.ports import Attempt, ChatMessage, ChatReply, ChatRequest, ModelWindow
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.prompt import filled
from workflow_cli.domain.answering.tokens import MESSAGE_FRAME, estimate_tokens
from workflow_cli.domain.answering.visible_text import VisibleStream, is_tool_call, visible_text

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.form_memory import FormMemory
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions
    from workflow_cli.app.ports import Clock, EventLog

#: How much of a bad reply the model is shown again, in characters.
_SHOWN_AGAIN = 6000
_FIRST_WAIT = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerStatus:
    """What a server has, or why it cannot be used."""

    host: str
    models: tuple[Model, ...] = ()
    problem: AnswererFailed | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answered:
    place: Place
    said: Said
    form: Form | None
    milliseconds: float


class _Connections:
    """What belongs to one event loop."""

    def __init__(self, options: LmStudioOptions) -> None:
        self.loop = asyncio.get_running_loop()
        addresses = {address.root: address for address in map(address_of, options.hosts)}
        self.servers = [Server(address, options) for address in addresses.values()]
        self.slots = Slots()
        self.embedding = asyncio.Lock()


@dataclass(slots=True)
class _Shared:
    """What several ways of using the same servers have in common."""

    open: _Connections | None = None


class LmStudio:
    """`ChatModel` and `Embedder` on one or more servers of the dialect.

    Nothing is loaded or evicted unless the options allow it. Use it as an async context manager, or `aclose` it: an
    instance may serve several event loops, one after the other.
    """

    def __init__(self, options: LmStudioOptions, *, events: EventLog, clock: Clock, forms: FormMemory) -> None:
        self._options = options
        self._events = events
        self._clock = clock
        self._forms = forms
        self._shared = _Shared()

    async def __aenter__(self) -> LmStudio:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        open, self._shared.open = self._shared.open, None
        if open is not None and open.loop is asyncio.get_running_loop():
            for server in open.servers:
                await server.wire.aclose()

    def _connections(self) -> _Connections:
        shared = self._shared
        if shared.open is None or shared.open.loop is not asyncio.get_running_loop():
            shared.open = _Connections(self._options)
        return shared.open

    def used_with(self, options: LmStudioOptions) -> LmStudio:
        """The same servers over the same connections and with the same queue, used in another way: other models, other
        limits of calls. This one is the one to close."""
        other = copy.copy(self)
        other._options = options
        return other

    async def status(self) -> Sequence[ServerStatus]:
        """Every server with what it has; never raises for one that is down."""

        async def one(server: Server) -> ServerStatus:
            server.forget()
            try:
                return ServerStatus(host=server.label, models=await server.models())
            except AnswererFailed as problem:
                return ServerStatus(host=server.label, problem=problem)

        return await asyncio.gather(*map(one, self._connections().servers))

    def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    async def window(self, model: str | None = None) -> ModelWindow:
        """The smallest window among the servers that would be asked, so that the prompt fits whichever is free."""
        places = await self._places(model or self._options.model)
        if self._options.may_load:
            places = [replace(place, model=await place.server.ready(place.model)) for place in places]
        place = min(places, key=lambda place: place.window(self._options.window))
        return ModelWindow(
            model=place.model.id,
            host=place.server.label,
            tokens=place.window(self._options.window),
            loaded=place.model.loaded is not False,
        )

    async def complete(self, request: ChatRequest) -> ChatReply:
        call = Call(request=request, attempts=[], started=self._clock.elapsed())
        try:
            reply = await (self._plain(call) if request.schema is None else self._structured(call, request.schema))
        except AnswererFailed as failed:
            self._events.append(
                event_of(call, "failed", failure=failed.kind, host=failed.where, seconds=self._since(call))
            )
            raise
        except asyncio.CancelledError:
            self._events.append(event_of(call, "cancelled", seconds=self._since(call)))
            raise
        self._events.append(event_of(call, "done", reply=reply, seconds=self._since(call)))
        return reply

    # One reply

    async def _plain(self, call: Call) -> ChatReply:
        stream = VisibleStream()
        answered = await self._call(call, call.request.messages, None, stream=stream)
        text = visible_text(answered.said.content)
        if call.request.on_text and (rest := stream.end()):
            call.request.on_text(rest)
        if not text:
            why = "the whole reply went into reasoning" if answered.said.reasoning else "the reply shows nothing"
            raise self._bad(call, answered, why)
        if is_tool_call(text) or (answered.said.calls and not text):
            raise self._bad(call, answered, "the model called a tool where none was offered")
        return self._reply(call, answered, text=text)

    async def _structured(self, call: Call, schema: Mapping[str, Any]) -> ChatReply:
        """Ask for JSON in one form after the other until a reply satisfies the schema."""
        refused: set[Form] = set()
        repaired = False
        problem: AnswererFailed | None = None
        while len(refused) < len(Form):
            messages = call.request.messages
            try:
                answered = await self._call(call, messages, schema, refused=refused)
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
                return self._reply(call, answered, text=text_of(answered.said), data=data)
            problem = self._bad(call, answered, f"the reply is not what was asked for: {'; '.join(wrong[:3])}")
            refused.add(form)
            if form is not Form.QUIET and not thought_only(answered.said):
                refused.add(Form.QUIET)  # it helps against thinking only
        assert problem is not None
        raise problem

    async def _repaired(
        self, call: Call, answered: _Answered, schema: Mapping[str, Any], wrong: Sequence[str]
    ) -> tuple[_Answered, Any, Sequence[str]]:
        """One more turn, in which the model is told what is wrong. The first reply stands if this one fails."""
        self._mark(call, FailureKind.BAD_REPLY)
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
            again = await self._call(call, turn, schema, refused=others)
        except ServerFailed as failed:
            if failed.kind in (FailureKind.CONTEXT_OVERFLOW, FailureKind.BAD_REPLY):
                return answered, None, wrong
            raise
        data, still = data_of(again.said, schema)
        if still:
            self._mark(call, FailureKind.BAD_REPLY)
        return again, data, still

    # One call

    async def _call(
        self,
        call: Call,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any] | None,
        *,
        refused: Iterable[Form] = (),
        stream: VisibleStream | None = None,
    ) -> _Answered:
        """One reply of some server that has the model; repeated where that is safe, at another one if there is one."""
        shunned: set[str] = set()
        wait = _FIRST_WAIT
        for attempt in range(1, self._options.attempts + 1):
            places = await self._places(self._model_for(call.request))
            places = [place for place in places if place.server.label not in shunned] or places
            needed = _tokens_of(messages) + call.request.max_tokens
            try:
                return await self._at_one_of(call, places, needed, messages, schema, set(refused), stream)
            except ServerFailed as failed:
                again = failed.may_repeat or (
                    # An overflow that cannot be: seen, and gone the next time.
                    failed.kind is FailureKind.CONTEXT_OVERFLOW
                    and needed * 2 <= max(place.window(self._options.window) for place in places)
                )
                pause = wait if failed.retry_after is None else failed.retry_after
                last = attempt == self._options.attempts
                if (
                    last
                    or not again
                    or call.shown
                    or (failed.about_form and schema)
                    or pause > self._options.retry_wait
                ):
                    raise
                shunned.add(str(failed.where))
                wait *= 2
            if all(place.server.label in shunned for place in places):
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _at_one_of(
        self,
        call: Call,
        places: Sequence[Place],
        needed: int,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any] | None,
        refused: set[Form],
        stream: VisibleStream | None,
    ) -> _Answered:
        fitting = [place for place in places if place.window(self._options.window) >= needed] or list(places)
        by_label = {place.server.label: place for place in fitting}
        limits = {label: place.limit(self._options.concurrency) for label, place in by_label.items()}
        waited_from = self._clock.elapsed()
        async with self._connections().slots.one_of(limits) as label:
            call.queued += self._clock.elapsed() - waited_from
            place = by_label[label]
            place = replace(place, model=await place.server.ready(place.model))
            form = self._form(place, refused) if schema is not None else None
            call.form = form
            started = self._clock.elapsed()
            try:
                said = await self._said(call, place, messages, schema, form, stream)
            except BaseException as failed:
                kind = failed.kind if isinstance(failed, AnswererFailed) else "cancelled"
                self._attempted(call, place, started, kind)
                if isinstance(failed, ServerFailed) and failed.kind is not FailureKind.BAD_REPLY:
                    place.server.forget()
                raise
            taken = self._attempted(call, place, started, None)
            return _Answered(place=place, said=said, form=form, milliseconds=taken)

    async def _said(
        self,
        call: Call,
        place: Place,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any] | None,
        form: Form | None,
        stream: VisibleStream | None,
    ) -> Said:
        options = self._options
        body = self._body(call.request, place, messages, schema, form)
        times = Times(first=options.first_token_timeout, idle=options.idle_timeout, whole=options.timeout)
        wire = place.server.wire
        show = _shown(call, stream)
        said = await converse(wire, body, times, on_content=show)
        if said.is_empty:
            # An error in disguise; unstreamed, servers tell which.
            said = await converse_whole(wire, body, times, on_content=show)
        self._check(said, place)
        return said

    def _check(self, said: Said, place: Place) -> None:
        label = place.server.label
        if place.named and said.model and not same_model(place.model.id, said.model, place.model):
            raise ServerFailed(
                FailureKind.NO_MODEL,
                f"{place.model.id} was asked, but {said.model} answered",
                where=label,
                hint="load the model that lm_studio.model names, or name the one that is loaded",
            )
        if said.is_empty:
            # In another form the model may have something to say.
            raise ServerFailed(FailureKind.BAD_REPLY, "the reply is empty", where=label, status=200, about_form=True)
        if said.finish is None and not said.runaway:
            raise ServerFailed(FailureKind.BAD_REPLY, "the reply ended before it was complete", where=label)

    def _body(
        self,
        request: ChatRequest,
        place: Place,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any] | None,
        form: Form | None,
    ) -> dict[str, Any]:
        told = [{"role": message.role, "content": message.content} for message in messages]
        fields: dict[str, Any] = {}
        if schema is not None and form is not None:
            fields = fields_of(form, schema, request.schema_name)
            if needs_instruction(form):
                text = filled(load_prompt("json-only").user, {"schema": schema_text(schema)})
                told[-1] = {**told[-1], "content": f"{told[-1]['content']}\n\n{text}"}
        return {
            "model": place.model.id,
            "messages": told,
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            **fields,
        }

    def _form(self, place: Place, refused: set[Form]) -> Form:
        remembered = self._forms.get(place.server.label, place.model.id)
        return next(form for form in in_order(remembered) if form not in refused)

    def _model_for(self, request: ChatRequest) -> str | None:
        return request.model or self._options.models_by_kind.get(request.purpose) or self._options.model

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]] | None:
        """One vector a text, all of length 1; None where no embedding model is loaded. Raises AnswererFailed."""
        try:
            name = self._options.embedding_model
            place = (await places_for(name, self._connections().servers, self._options, embeds=True))[0]
        except ServerFailed as failed:
            if failed.kind is FailureKind.NO_MODEL:
                return None
            raise
        model = await place.server.ready(place.model)
        context = model.context or min(EMBEDDING_WINDOW, model.longest or EMBEDDING_WINDOW)
        # One call after the other: servers have hung on several at once.
        async with self._connections().embedding:
            return await embedded(place.server.wire, model.id, texts, context=context, seconds=self._options.timeout)

    async def _places(self, model: str | None) -> list[Place]:
        return await places_for(model, self._connections().servers, self._options)

    # What is told of it

    def _since(self, call: Call) -> float:
        return self._clock.elapsed() - call.started

    def _reply(self, call: Call, answered: _Answered, *, text: str, data: Any = None) -> ChatReply:
        said = answered.said
        counted = said.prompt_tokens > 0 and said.completion_tokens > 0
        reply = estimate_tokens(said.content) + estimate_tokens(said.reasoning)
        return ChatReply(
            text=text,
            data=data,
            model=said.model or answered.place.model.id,
            host=answered.place.server.label,
            complete=said.done and not said.cut,
            prompt_tokens=said.prompt_tokens if counted else _tokens_of(call.request.messages),
            completion_tokens=said.completion_tokens if counted else reply,
            reasoning_tokens=said.reasoning_tokens or estimate_tokens(said.reasoning),
            counted=counted,
            first_token_ms=said.first_token_ms,
            milliseconds=answered.milliseconds,
            attempts=tuple(call.attempts),
            queued_ms=call.queued * 1000,
        )

    def _attempted(self, call: Call, place: Place, started: float, failure: str | None) -> float:
        taken = round((self._clock.elapsed() - started) * 1000, 3)
        call.attempts.append(
            Attempt(host=place.server.label, model=place.model.id, milliseconds=taken, failure=failure)
        )
        return taken

    def _mark(self, call: Call, kind: FailureKind) -> None:
        """The last call came back, but what it said was no use."""
        call.attempts[-1] = replace(call.attempts[-1], failure=kind)

    def _bad(self, call: Call, answered: _Answered, message: str) -> ServerFailed:
        self._mark(call, FailureKind.BAD_REPLY)
        model, label = answered.said.model or answered.place.model.id, answered.place.server.label
        return ServerFailed(FailureKind.BAD_REPLY, f"{model}: {message}", where=label, status=200)


def _shown(call: Call, stream: VisibleStream | None) -> Callable[[str], None] | None:
    on_text = call.request.on_text
    if on_text is None:
        return None
    if stream is None:
        return on_text  # JSON: who reads it passes over what is none

    def take(piece: str) -> None:
        if shown := stream.feed(piece):
            call.shown = True
            on_text(shown)

    return take


def _tokens_of(messages: Iterable[ChatMessage]) -> int:
    return sum(estimate_tokens(message.content) + MESSAGE_FRAME for message in messages)
