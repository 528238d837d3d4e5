"""A model server that speaks LM Studio's dialect, with its faults on command.

It runs in a thread of its own and serves HTTP on a free port:

    with LmStudioServer() as server:
        server.script(Status(status=503), Reply(text="hello"))
        ... # ask server.base_url

Chat requests take the scripted steps one by one; when none is left, a small model answers as `quality` says. By hand,
for a look at a whole command: `python -m tests.fakes.lmstudio_server --port 1234 --delay 0.5 --quality invented`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from tests.fakes.lmstudio_answers import QUALITIES, reply_to
from tests.fakes.lmstudio_steps import Reply, Status, Step

OVERFLOW = "Input does not fit in context length. The input has {tokens} tokens, but the context length only supports {context} tokens."
NO_MODELS = "No models loaded. Please load a model in the developer page or use the 'lms load' command."


@dataclass
class ServedModel:
    """`instances` are the ids under which it is loaded; empty where it is only on the disk."""

    key: str
    instances: list[str] = field(default_factory=list)
    context: int = 4096
    longest: int = 131072
    parallel: int | None = 4
    embeds: bool = False


def loaded(key: str, **words: Any) -> ServedModel:
    return ServedModel(key=key, instances=[key], **words)


@dataclass(frozen=True)
class Request:
    """A request that came in. `connection` numbers the connections in the order in which they came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    connection: int


class LmStudioServer:
    """`dialect` is which lists of models there are: `native` all three, `older` without /api/v1, `plain` only /v1.

    `load_seconds` is what loading takes; `jit` whether a call loads a model. `reset_idle` closes each connection right
    after a reply without saying so. `slots` is how many chat requests are worked on at once; the others wait.
    """

    def __init__(
        self,
        *models: ServedModel,
        dialect: str = "native",
        token: str | None = None,
        quality: str = "good",
        delay: float = 0.0,
        load_seconds: float = 0.0,
        jit: bool = True,
        reset_idle: bool = False,
        props: Mapping[str, Any] | None = None,
        slots: int = 4,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.models = list(models) or [loaded("qwen/qwen3-8b")]
        self.dialect = dialect
        self.token = token
        self.quality = quality
        #: What a test has it say to a request, None for what it says by itself.
        self.says: Callable[[Mapping[str, Any]], str | None] = lambda _: None
        self.delay = delay
        self.load_seconds = load_seconds
        self.jit = jit
        self.reset_idle = reset_idle
        self.props = props
        self.slots = slots
        self.requests: list[Request] = []
        self.loads: list[str] = []
        self.under_way = 0
        self.most_under_way = 0
        self.gone_early = 0
        self._steps: deque[Step] = deque()
        self._address = (host, port)
        self._connections = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._changed: threading.Condition = threading.Condition()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.port = 0

    @property
    def base_url(self) -> str:
        return f"http://{self._address[0]}:{self.port}"

    @property
    def label(self) -> str:
        return f"{self._address[0]}:{self.port}"

    def script(self, *steps: Step) -> None:
        """What the next chat requests get, one after the other."""
        self._steps.extend(steps)

    def chats(self) -> list[Request]:
        return [request for request in self.requests if request.path == "/v1/chat/completions"]

    def wait_until(self, condition: Callable[[], bool], seconds: float = 30.0) -> bool:
        """Wait for something to become true of this server; False where it does not."""
        with self._changed:
            return self._changed.wait_for(condition, timeout=seconds)

    # Life

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait(30)
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close everything; connections in use break off."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._free = asyncio.Semaphore(self.slots)
        server = await self._loop.create_server(self._protocol, *self._address)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        reader = _Reader()

        def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
            return self._serve(reader, writer)

        return asyncio.StreamReaderProtocol(reader, serve)

    def _note(self) -> None:
        with self._changed:
            self._changed.notify_all()

    async def _serve(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        self._writers.add(writer)
        try:
            while (request := await _read(reader, number)) is not None:
                self.requests.append(request)
                self._note()
                exchange = Exchange(self, request, reader, writer)
                await self._answer(exchange)
                if exchange.closed or self.reset_idle:
                    break
        except _TlsGreetingError:
            writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        except asyncio.CancelledError:
            return  # the server stops; asyncio would tell of every connection that was open
        finally:
            self._writers.discard(writer)
            writer.transport.abort() if self.reset_idle else writer.close()
            self._note()

    # The dialect

    async def _answer(self, exchange: Exchange) -> None:
        request = exchange.request
        if self.token is not None and request.headers.get("authorization") != f"Bearer {self.token}":
            error = {
                "type": "invalid_request",
                "code": "invalid_api_key",
                "message": f"An LM Studio API token is required; got {request.headers.get('authorization')}",
            }
            await exchange.json(401, {"error": error})
        elif request.method == "POST" and request.path == "/v1/chat/completions":
            await self._chat(exchange)
        elif request.method == "POST" and request.path == "/v1/embeddings":
            await self._embeddings(exchange)
        elif request.method == "GET" and (listed := self._list(request.path)) is not None:
            await exchange.json(200, listed)
        else:
            await exchange.json(200, {"error": f"Unexpected endpoint or method. ({request.method} {request.path})"})

    def _list(self, path: str) -> Any:
        if path == "/api/v1/models" and self.dialect == "native":
            return {"models": [_native(model) for model in self.models]}
        if path == "/api/v0/models" and self.dialect in ("native", "older"):
            return {"object": "list", "data": [_older(model) for model in self.models]}
        if path == "/v1/models":
            entry = {"object": "model", "owned_by": "organization_owner"}
            return {"object": "list", "data": [{"id": model.key, **entry} for model in self.models]}
        if path == "/props" and self.props is not None:
            return self.props
        return None

    async def _chat(self, exchange: Exchange) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self._note()
        watch = asyncio.ensure_future(exchange.watch_for_close())
        work = asyncio.ensure_future(self._work(exchange))
        try:
            await asyncio.wait({watch, work}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.gone_early += 1
                exchange.closed = True
        finally:
            for task in (watch, work):
                task.cancel()
            results = await asyncio.gather(watch, work, return_exceptions=True)
            self.under_way -= 1
            self._note()
        if isinstance(results[1], Exception) and not isinstance(results[1], ConnectionError):
            raise results[1]

    async def _work(self, exchange: Exchange) -> None:
        # The step is taken when the request comes, so that scripts stay in order.
        step = self._steps.popleft() if self._steps else None
        async with self._free:
            if step is None:
                step = await self._own_step(exchange)
            await step.play(exchange)

    async def _own_step(self, exchange: Exchange) -> Step:
        body = exchange.request.body
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
            return Status(status=400, body={"error": "'messages' field is required"})
        kind = (body.get("response_format") or {}).get("type", "text")
        if kind not in ("json_schema", "text"):
            return Status(status=400, body={"error": "'response_format.type' must be 'json_schema' or 'text'"})
        model = await self._resolved(str(body.get("model")), embeds=False)
        if model is None:
            return Status(status=404, body={"error": {"message": NO_MODELS, "code": "model_not_found"}})
        exchange.model = model.instances[-1]
        tokens = sum(len(str(message.get("content"))) for message in body["messages"]) // 4
        if tokens > model.context:
            from tests.fakes.lmstudio_steps import ErrorEvent

            return ErrorEvent(message=OVERFLOW.format(tokens=tokens, context=model.context))
        await asyncio.sleep(self.delay)
        text = self.says(body) or reply_to(body, self.quality)
        usage = {"prompt_tokens": tokens, "completion_tokens": max(1, len(text) // 4)}
        if len(text) // 4 > body.get("max_tokens", 1 << 30):
            return Reply(text=text[: body["max_tokens"] * 4], finish="length", usage=usage)
        return Reply(text=text, usage=usage)

    async def _resolved(self, name: str, *, embeds: bool) -> ServedModel | None:
        """The model that answers to a name, loaded by the call where it is not; an unknown name gets the loaded one."""
        models = [model for model in self.models if model.embeds is embeds]
        asked = [model for model in models if name == model.key or name in model.instances]
        if asked and not asked[0].instances and self.jit:
            model = asked[0]
            await asyncio.sleep(self.load_seconds)
            # Calls that come together load a copy each.
            instance = model.key if not model.instances else f"{model.key}:{len(model.instances) + 1}"
            model.instances.append(instance)
            self.loads.append(instance)
        return next((model for model in [*asked, *models] if model.instances), None)

    async def _embeddings(self, exchange: Exchange) -> None:
        texts = exchange.request.body.get("input")
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            await exchange.json(400, {"error": "'input' field must be a string or an array of strings"})
            return
        model = await self._resolved(str(exchange.request.body.get("model")), embeds=True)
        if model is None:
            await exchange.json(400, {"error": NO_MODELS})
            return
        # What is too long is cut without a word.
        data = [
            {"object": "embedding", "index": i, "embedding": vector_of(text[: model.context * 4])}
            for i, text in enumerate(texts)
        ]
        await exchange.json(200, {"object": "list", "data": data, "model": model.key, "usage": {"prompt_tokens": 0}})


class Exchange:
    """One request and the response to it. `model` is who answers."""

    def __init__(self, server: LmStudioServer, request: Request, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.request = request
        self.closed = False
        instances = [id for model in server.models if not model.embeds for id in model.instances]
        named = request.body.get("model") if isinstance(request.body, dict) else None
        self.model = named if named in instances else next(iter(instances), "none")
        self._gone = reader.gone
        self._writer = writer

    @property
    def streamed(self) -> bool:
        return isinstance(self.request.body, dict) and self.request.body.get("stream") is True

    async def json(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        await self.whole(status, json.dumps(body).encode(), "application/json; charset=utf-8", headers or {})

    async def whole(self, status: int, data: bytes, kind: str, headers: Mapping[str, str]) -> None:
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} Status\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{told}"
        await self.raw(f"{head}Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n".encode() + data)

    async def start_stream(self) -> None:
        await self.raw(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5\r\n\r\n"
        )

    async def event(self, value: Any) -> None:
        await self.line(f"data: {json.dumps(value, ensure_ascii=False)}")

    async def line(self, text: str) -> None:
        await self.chunk(f"{text}\n\n".encode())

    async def chunk(self, data: bytes) -> None:
        await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def end_stream(self) -> None:
        await self.raw(b"0\r\n\r\n")

    async def raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def abort(self) -> None:
        self.closed = True
        self._writer.transport.abort()

    async def wait_for_close(self) -> None:
        await asyncio.Event().wait()

    async def watch_for_close(self) -> None:
        """Returns when the client has gone. Clients send nothing before they have a whole response."""
        await self._gone.wait()


class _Reader(asyncio.StreamReader):
    """Tells when the other side has closed, also to who does not read."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: Exception) -> None:
        super().set_exception(exc)
        self.gone.set()


class _TlsGreetingError(Exception):
    """A greeting in TLS, which HTTP servers answer at once: to wait for the end of its head would be in vain."""


async def _read(reader: asyncio.StreamReader, connection: int) -> Request | None:
    try:
        begin = await reader.readexactly(1)
        if begin == b"\x16":
            raise _TlsGreetingError
        head = (begin + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    data = await reader.readexactly(int(headers.get("content-length") or 0))
    method, path, _ = first.split(" ", 2)
    body: Any = None
    with suppress(ValueError):
        body = json.loads(data) if data else None
    return Request(method, path, headers, body, connection)


def vector_of(text: str) -> list[float]:
    """Eight numbers that depend on the text alone."""
    return [byte / 255 + 0.01 for byte in hashlib.sha256(text.encode()).digest()[:8]]


def _native(model: ServedModel) -> dict[str, Any]:
    config: dict[str, Any] = {"context_length": model.context}
    config |= {"parallel": model.parallel} if model.parallel else {}
    entry = {
        "type": "embedding" if model.embeds else "llm",
        "publisher": model.key.partition("/")[0],
        "key": model.key,
        "display_name": model.key,
        "quantization": None,
        "size_bytes": 1,
        "params_string": None,
        "loaded_instances": [{"id": id, "config": config} for id in model.instances],
        "max_context_length": model.longest,
        "format": "gguf",
    }
    return entry if model.embeds else {**entry, "capabilities": {"vision": False, "trained_for_tool_use": True}}


def _older(model: ServedModel) -> dict[str, Any]:
    entry = {
        "id": model.key,
        "object": "model",
        "type": "embeddings" if model.embeds else "llm",
        "state": "loaded" if model.instances else "not-loaded",
        "max_context_length": model.longest,
    }
    return {**entry, "loaded_context_length": model.context} if model.instances else entry


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A model server for trying things out.")
    parser.add_argument("--port", type=int, default=1234)
    parser.add_argument("--model", action="append", help="key of a loaded model; may be given several times")
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--quality", choices=QUALITIES, default="good")
    parser.add_argument("--dialect", choices=("native", "older", "plain"), default="native")
    parser.add_argument("--token")
    given = parser.parse_args(arguments)
    models = [loaded(key, context=given.context, parallel=given.parallel) for key in given.model or ["qwen/qwen3-8b"]]
    server = LmStudioServer(
        *models,
        dialect=given.dialect,
        token=given.token,
        quality=given.quality,
        delay=given.delay,
        slots=given.parallel,
        port=given.port,
    )
    with server:
        print(f"listening on {server.base_url}", flush=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
