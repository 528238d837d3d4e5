"""One reply of some server that has the model: where the call goes, what is sent, and whether it is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.conversation import Said, Times, converse, converse_whole
from workflow_cli.adapters.lmstudio.failures import ServerFailed
from workflow_cli.adapters.lmstudio.forms import Form, fields_of, in_order, needs_instruction, schema_text
from workflow_cli.adapters.lmstudio.listing import same_model
from workflow_cli.adapters.lmstudio.placing import Place, places_for
from workflow_cli.adapters.prompt_files import load_prompt
from workflow_cli.app.answering.ports import Attempt, ChatMessage, ChatRequest
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.prompt import filled
from workflow_cli.domain.answering.tokens import MESSAGE_FRAME, estimate_tokens

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.account import Call
    from workflow_cli.adapters.lmstudio.connections import Connections
    from workflow_cli.adapters.lmstudio.form_memory import FormMemory
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.answering.visible_text import VisibleStream

_FIRST_WAIT = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    place: Place
    said: Said
    form: Form | None
    milliseconds: float


class Calls:
    """`connections` are those of the event loop that is running."""

    def __init__(
        self, options: LmStudioOptions, connections: Callable[[], Connections], *, clock: Clock, forms: FormMemory
    ) -> None:
        self._options = options
        self._connections = connections
        self._clock = clock
        self._forms = forms

    async def reply(
        self,
        call: Call,
        messages: Sequence[ChatMessage],
        schema: Mapping[str, Any] | None,
        *,
        refused: Iterable[Form] = (),
        stream: VisibleStream | None = None,
    ) -> Answered:
        """One reply of some server that has the model; repeated where that is safe, at another one if there is one."""
        shunned: set[str] = set()
        wait = _FIRST_WAIT
        for attempt in range(1, self._options.attempts + 1):
            places = await places_for(self._model_for(call.request), self._connections().servers, self._options)
            places = [place for place in places if place.server.label not in shunned] or places
            needed = tokens_of(messages) + call.request.max_tokens
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
    ) -> Answered:
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
            return Answered(place=place, said=said, form=form, milliseconds=taken)

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

    def _attempted(self, call: Call, place: Place, started: float, failure: str | None) -> float:
        taken = round((self._clock.elapsed() - started) * 1000, 3)
        call.attempts.append(
            Attempt(host=place.server.label, model=place.model.id, milliseconds=taken, failure=failure)
        )
        return taken


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


def tokens_of(messages: Iterable[ChatMessage]) -> int:
    return sum(estimate_tokens(message.content) + MESSAGE_FRAME for message in messages)
