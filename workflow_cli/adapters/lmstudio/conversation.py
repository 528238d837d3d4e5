"""One call of `/v1/chat/completions`, streamed or whole, into what the model said."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.failures import ServerFailed, error_in
from workflow_cli.adapters.lmstudio.sse import Event, EventReader, EventTooLong
from workflow_cli.domain.answering.failure import FailureKind

if TYPE_CHECKING:
    import httpx

    from workflow_cli.adapters.lmstudio.wire import Wire

CHAT = "/v1/chat/completions"
_LAST_PAUSE = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """Seconds: until the first piece of the reply, between pieces, for all of it."""

    first: float
    idle: float
    whole: float


@dataclass(kw_only=True, slots=True)
class Said:
    """What a model said, as it comes in. `finish` is None until the server told why the reply ended."""

    content: str = ""
    reasoning: str = ""
    calls: dict[int, list[str]] = field(default_factory=dict)
    finish: str | None = None
    model: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    done: bool = False
    first_token_ms: float | None = None
    runaway: bool = False

    @property
    def arguments(self) -> str:
        """The arguments of the first tool call: some servers put what a schema asked for there."""
        return self.calls[min(self.calls)][1] if self.calls else ""

    @property
    def is_empty(self) -> bool:
        return not (self.content.strip() or self.reasoning.strip() or self.calls)

    @property
    def ended(self) -> bool:
        """Whether the server told that the reply is over."""
        return self.done or self.finish is not None

    @property
    def cut(self) -> bool:
        return self.finish == "length" or self.runaway


async def converse(
    wire: Wire, body: Mapping[str, Any], times: Times, *, on_content: Callable[[str], None] | None = None
) -> Said:
    """Send `body` streamed and take in the reply. Raises ServerFailed.

    Reading stops, and with it the server's work, where a server writes on far beyond `max_tokens`.
    """
    started = time.monotonic()
    said = Said()
    # No tokenizer makes tokens of more than this many characters on average.
    most = 64 * 1024 + 32 * int(body["max_tokens"])
    streamed = {**body, "stream": True, "stream_options": {"include_usage": True}}
    try:
        async with asyncio.timeout(min(times.first, times.whole)) as limit:
            async with wire.opened("POST", CHAT, streamed) as response:
                if response.status_code != 200:
                    raise wire.refused(response.status_code, response.headers, await wire.rest(response))
                if "event-stream" not in response.headers.get("content-type", "event-stream"):
                    return _whole(wire, await wire.rest(response), on_content, started)
                taker = _Taker(wire, said, on_content, started)
                async with aclosing(_events(wire, response)) as events:
                    async for event in events:
                        if taker.take(event):
                            left = started + times.whole - time.monotonic()
                            # Read to the end, so that the connection can be used again, but do not wait for it.
                            pause = _LAST_PAUSE if said.done else times.idle
                            limit.reschedule(asyncio.get_running_loop().time() + min(pause, left))
                        if len(said.content) + len(said.reasoning) > most:
                            said.runaway = True
                            break
    except ServerFailed as failed:
        if not said.ended or failed.kind is not FailureKind.UNREACHABLE:
            raise  # else nothing is missing but the end of the connection
    except TimeoutError:
        if said.done:
            return said
        raise wire.late(_how_late(said, times, time.monotonic() - started)) from None
    return said


def _how_late(said: Said, times: Times, taken: float) -> str:
    if taken >= times.whole:
        return f"the reply was not complete within {times.whole:g} s"
    if said.first_token_ms is None:
        return f"nothing of a reply came within {min(times.first, times.whole):g} s"
    return f"the reply stood still for {times.idle:g} s"


async def converse_whole(
    wire: Wire, body: Mapping[str, Any], times: Times, *, on_content: Callable[[str], None] | None = None
) -> Said:
    """The same call unstreamed: servers tell failures there that they swallow in a stream."""
    started = time.monotonic()
    response = await wire.post(CHAT, {**body, "stream": False}, seconds=times.whole)
    if response.status != 200:
        raise wire.refused(response.status, response.headers, response.body)
    return _whole(wire, response.body, on_content, started)


def _whole(wire: Wire, body: Any, on_content: Callable[[str], None] | None, started: float) -> Said:
    if error_in(body) is not None:
        raise wire.refused(200, {}, body)
    if not isinstance(body, Mapping) or not isinstance(body.get("choices"), list):
        raise _bad(wire, "the answer is not a chat completion")
    said = Said(done=True)
    _Taker(wire, said, on_content, started).take_object(body)
    return said


async def _events(wire: Wire, response: httpx.Response) -> AsyncGenerator[Event, None]:
    reader = EventReader()
    try:
        async with aclosing(response.aiter_bytes()) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                for event in reader.feed(piece):
                    yield event
        for event in reader.end():
            yield event
    except EventTooLong as error:
        raise _bad(wire, str(error)) from error


class _Taker:
    """Puts events together into what was said."""

    def __init__(self, wire: Wire, said: Said, on_content: Callable[[str], None] | None, started: float) -> None:
        self._wire = wire
        self._said = said
        self._on_content = on_content
        self._started = started
        self._last_call = -1

    def take(self, event: Event) -> bool:
        """Whether the event carried a piece of the reply."""
        if event.data.strip() == "[DONE]":
            self._said.done = True
            return True
        try:
            value = json.loads(event.data)
        except (ValueError, RecursionError):
            value = event.data
        if event.name == "error" or error_in(value) is not None:
            body = value if error_in(value) is not None else {"error": event.data}
            raise self._wire.refused(200, {}, body, in_stream=self._said.first_token_ms is not None)
        if not isinstance(value, Mapping):
            raise _bad(self._wire, "the stream holds something that is no chat completion")
        return self.take_object(value)

    def take_object(self, value: Mapping[str, Any]) -> bool:
        said = self._said
        if isinstance(value.get("model"), str) and value["model"]:
            said.model = value["model"]
        self._take_usage(value.get("usage"))
        choices = value.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, Mapping):
            return False
        if isinstance(choice.get("finish_reason"), str):
            said.finish = choice["finish_reason"]
        part = choice.get("delta") or choice.get("message")
        if not isinstance(part, Mapping):
            return False
        content, reasoning = _text(part.get("content")), _text(part.get("reasoning_content") or part.get("reasoning"))
        called = self._take_calls(part.get("tool_calls"))
        said.reasoning += reasoning
        said.content += content
        if not (content or reasoning or called):
            return False
        if said.first_token_ms is None:
            said.first_token_ms = (time.monotonic() - self._started) * 1000
        if content and self._on_content:
            self._on_content(content)
        return True

    def _take_usage(self, usage: Any) -> None:
        if not isinstance(usage, Mapping):
            return
        details = usage.get("completion_tokens_details")
        self._said.prompt_tokens = _count(usage.get("prompt_tokens"))
        self._said.completion_tokens = _count(usage.get("completion_tokens"))
        self._said.reasoning_tokens = _count(details.get("reasoning_tokens")) if isinstance(details, Mapping) else 0

    def _take_calls(self, calls: Any) -> bool:
        """Fragments of tool calls, put together by index; without one, an id or a name begins the next call."""
        if not isinstance(calls, list):
            return False
        for call in calls:
            if not isinstance(call, Mapping):
                continue
            function = call.get("function")
            function = function if isinstance(function, Mapping) else {}
            index = call.get("index")
            if not isinstance(index, int):
                begins = bool(call.get("id")) or self._last_call < 0
                index = self._last_call + 1 if begins else self._last_call
            self._last_call = index
            parts = self._said.calls.setdefault(index, ["", ""])
            parts[0] += _text(function.get("name"))
            arguments = function.get("arguments")
            parts[1] += json.dumps(arguments) if isinstance(arguments, Mapping) else _text(arguments)
        return bool(calls)


def _bad(wire: Wire, message: str) -> ServerFailed:
    return ServerFailed(
        FailureKind.BAD_REPLY, message, where=wire.address.label, status=200, hint="check lm_studio.base_url"
    )


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):  # parts of a message
        return "".join(_text(part.get("text")) for part in value if isinstance(part, Mapping))
    return ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
