"""What the model server of the tests does with one chat request, when it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tests.fakes.lmstudio_server import Exchange


class Step(Protocol):
    async def play(self, exchange: Exchange) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A completion, streamed or whole as asked. `pieces` is into how many deltas the text is cut.

    `finish` None leaves the reason out; `done` False leaves out `[DONE]`; `usage` None leaves the usage out.
    `reasoning_as` is the field that reasoning comes in. `model` is the name echoed, else the one that answers.
    """

    text: str | None = ""
    reasoning: str = ""
    reasoning_as: str = "reasoning_content"
    calls: Sequence[Mapping[str, Any]] = ()
    finish: str | None = "stop"
    model: str | None = None
    pieces: int = 3
    pause: float = 0.0
    done: bool = True
    usage: Mapping[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 21, "completion_tokens": 7})
    drop_after: int | None = None
    hang_after: int | None = None

    async def play(self, exchange: Exchange) -> None:
        model = self.model or exchange.model
        if not exchange.streamed:
            message: dict[str, Any] = {"role": "assistant"}
            message |= {} if self.text is None else {"content": self.text}
            message |= {self.reasoning_as: self.reasoning} if self.reasoning else {}
            message |= {"tool_calls": list(self.calls)} if self.calls else {}
            body = {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "model": model,
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": self.finish}],
                "usage": self.usage,
                "stats": {},
            }
            await asyncio.sleep(self.pause)
            await exchange.json(200, body)
            return
        await exchange.start_stream()
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
        deltas += [{self.reasoning_as: piece} for piece in _cut(self.reasoning, self.pieces)]
        deltas += [{"content": piece} for piece in _cut(self.text or "", self.pieces)]
        deltas += [{"tool_calls": [call]} for call in self.calls]
        for number, delta in enumerate(deltas):
            if number == self.hang_after:
                await exchange.wait_for_close()
                return
            if number == self.drop_after:
                exchange.abort()
                return
            await exchange.event(_chunk(model, delta, None))
            await asyncio.sleep(self.pause)
        if self.finish is not None:
            await exchange.event(_chunk(model, {}, self.finish))
        if self.usage is not None:
            await exchange.event(
                {"object": "chat.completion.chunk", "model": model, "choices": [], "usage": self.usage}
            )
        if self.done:
            await exchange.line("data: [DONE]")
        await exchange.end_stream()


@dataclass(frozen=True, kw_only=True)
class Status:
    """A whole response of any status; `body` is sent as JSON, or as it is where it is text."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    async def play(self, exchange: Exchange) -> None:
        if isinstance(self.body, str):
            await exchange.whole(self.status, self.body.encode(), "text/html", self.headers)
        else:
            await exchange.json(self.status, self.body, self.headers)


@dataclass(frozen=True, kw_only=True)
class ErrorEvent:
    """`event: error` after some text, under status 200; unstreamed the same as a 400."""

    message: str
    after: str = ""

    async def play(self, exchange: Exchange) -> None:
        error = {"error": {"message": self.message}, "message": self.message}
        if not exchange.streamed:
            await exchange.json(400, {"error": self.message})
            return
        await exchange.start_stream()
        if self.after:
            await exchange.event(_chunk(exchange.model, {"content": self.after}, None))
        await exchange.line(f"event: error\ndata: {json.dumps(error)}")
        await exchange.end_stream()


@dataclass(frozen=True)
class Bytes:
    """An event stream of exactly these bytes, each written by itself; cut off at the end where `whole` is False."""

    parts: Sequence[bytes] = ()
    whole: bool = True

    async def play(self, exchange: Exchange) -> None:
        await exchange.start_stream()
        for part in self.parts:
            await exchange.chunk(part)
        if self.whole:
            await exchange.end_stream()
        else:
            exchange.abort()


@dataclass(frozen=True, kw_only=True)
class Hang:
    """Nothing comes, with or without a head of a response, until the client goes."""

    head: bool = False

    async def play(self, exchange: Exchange) -> None:
        if self.head:
            await exchange.start_stream()
        await exchange.wait_for_close()


@dataclass(frozen=True, kw_only=True)
class Slow:
    """`then` after some seconds of silence."""

    seconds: float
    then: Step

    async def play(self, exchange: Exchange) -> None:
        await asyncio.sleep(self.seconds)
        await self.then.play(exchange)


@dataclass(frozen=True)
class Reset:
    """The connection goes before a byte of a response."""

    async def play(self, exchange: Exchange) -> None:
        exchange.abort()


@dataclass(frozen=True)
class Garbage:
    """Bytes that are no HTTP."""

    async def play(self, exchange: Exchange) -> None:
        await exchange.raw(b"\x00\xff\x13garbage of another protocol\r\n\r\n")
        exchange.abort()


def _chunk(model: str, delta: Mapping[str, Any], finish: str | None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": model,
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }


def _cut(text: str, pieces: int) -> list[str]:
    size = max(1, -(-len(text) // max(1, pieces)))
    return [text[start : start + size] for start in range(0, len(text), size)]
