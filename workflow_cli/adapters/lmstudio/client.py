"""LM Studio and its like as the model that use cases ask."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workflow_cli.adapters.lmstudio.account import Call, event_of
from workflow_cli.adapters.lmstudio.connections import Connections
from workflow_cli.adapters.lmstudio.embeddings import EMBEDDING_WINDOW, embedded
from workflow_cli.adapters.lmstudio.failures import ServerFailed
from workflow_cli.adapters.lmstudio.one_call import Calls
from workflow_cli.adapters.lmstudio.one_reply import Replies
from workflow_cli.adapters.lmstudio.placing import Place, places_for
from workflow_cli.app.answering.ports import ChatReply, ChatRequest, ModelWindow
from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind
from workflow_cli.domain.answering.tokens import estimate_tokens

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.form_memory import FormMemory
    from workflow_cli.adapters.lmstudio.listing import Model
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions
    from workflow_cli.adapters.lmstudio.server import Server
    from workflow_cli.app.ports import Clock, EventLog


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerStatus:
    """What a server has, or why it cannot be used."""

    host: str
    models: tuple[Model, ...] = ()
    problem: AnswererFailed | None = None


@dataclass(slots=True)
class _Shared:
    """What several ways of using the same servers have in common."""

    open: Connections | None = None


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

    def _connections(self) -> Connections:
        shared = self._shared
        if shared.open is None or shared.open.loop is not asyncio.get_running_loop():
            shared.open = Connections(self._options)
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

    async def window(self, model: str | None = None, *, purpose: str | None = None) -> ModelWindow:
        """The smallest window among the servers that would be asked, so that the prompt fits whichever is free.

        Where that cannot be told, the request that it is for has failed before it was made, and is recorded.
        """
        started = self._clock.elapsed()
        try:
            return await self._window(model)
        except AnswererFailed as failed:
            if purpose is not None:
                call = Call(
                    request=ChatRequest(messages=(), max_tokens=0, purpose=purpose), attempts=[], started=started
                )
                self._events.append(
                    event_of(call, "failed", failure=failed.kind, host=failed.where, seconds=self._since(call))
                )
            raise

    async def _window(self, model: str | None) -> ModelWindow:
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
            replies = self._replies()
            reply = await (replies.plain(call) if request.schema is None else replies.structured(call, request.schema))
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

    def _replies(self) -> Replies:
        calls = Calls(self._options, self._connections, clock=self._clock, forms=self._forms)
        return Replies(calls, self._forms)

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

    def _since(self, call: Call) -> float:
        return self._clock.elapsed() - call.started
