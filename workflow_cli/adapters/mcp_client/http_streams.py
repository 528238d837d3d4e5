"""A server behind HTTP: streamable HTTP over TCP or a Unix socket.

In the SDK a request that fails in the transport ends the whole session and cancels the task that opened it. Here it
becomes an answer that says so, and fails that request alone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.mcp_client.server_config import ServerConfig
from workflow_cli.adapters.redirect import is_redirect, leads_away, target_of

if TYPE_CHECKING:
    import httpx2

#: A body, or one event of a stream, longer than this is refused; of a whole stream, this many times as much.
MAX_BODY = 4 << 20
_STREAM_BODIES = 4
#: The beginning of a message that tells of an HTTP status or a failed connection, for whoever sorts failures.
HTTP = "HTTP "
UNREACHED = "not reached: "
UNUSABLE = "unusable: "
TOO_LONG = "it sends more than any answer needs"
_LOST_CONNECTION = -32000
#: Redirects that are followed for one request, and where they are counted.
_MOST_FOLLOWED = 5
_FOLLOWED = "workflow_redirects"
#: Seconds to tell a server that the session has ended; after that it has to find out.
_GOODBYE = 2.0
#: Seconds for a server to take note of a notification, before calls go on without that.
_HEARD = 3.0


@asynccontextmanager
async def http_streams(config: ServerConfig, *, seconds: float) -> AsyncIterator[Any]:
    """The streams of one session, in the form the SDK takes; `seconds` bounds the wait for a connection and a byte."""
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    if config.socket is not None:
        url, inner = f"http://localhost{config.socket_path}", _transport(uds=str(config.socket))
    else:
        assert config.url is not None
        url, inner = config.url, _transport(secure=config.url.startswith("https:"))
    timeout = httpx2.Timeout(seconds, read=None, pool=None)  # how long an answer may take is the caller's affair
    # Limits count bytes as sent: a few compressed ones can stand for a thousand times as many.
    headers = {"accept-encoding": "identity", **config.headers}
    async with (
        httpx2.AsyncClient(transport=_soft_fail(inner), headers=headers, timeout=timeout) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=MAX_BODY) as streams,
    ):
        yield streams


def _transport(*, uds: str | None = None, secure: bool = False) -> httpx2.AsyncBaseTransport:
    import httpx2

    # Without TLS no certificates are read, which takes 85 ms. A transport of our own also means: no proxy of the
    # environment, which would carry calls to this machine out of it.
    return httpx2.AsyncHTTPTransport(uds=uds, verify=secure)


def _soft_fail(inner: httpx2.AsyncBaseTransport) -> httpx2.AsyncBaseTransport:
    """`inner`, made so that no POST raises, no body is longer than allowed, and nothing that nobody waits for hangs."""
    import httpx2

    class SoftFail(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await request.aread()  # one that follows a redirect has its body as a stream
            limit = _GOODBYE if request.method == "DELETE" else _HEARD if _is_notification(request) else None
            if limit is not None:
                request.extensions = {**request.extensions, "timeout": httpx2.Timeout(limit).as_dict()}
            try:
                response = await inner.handle_async_request(request)
                if request.method != "POST":
                    return _with_stream(request, response, _Bounded(response.stream, softly=False))
                if response.headers.get("content-encoding", "identity") != "identity":
                    await response.aclose()
                    return _failed(request, f"{UNUSABLE}it compresses answers, which was not asked for")
                kind = response.headers.get("content-type", "").lower()
                if kind.startswith("text/event-stream") and response.status_code < 400:
                    return _with_stream(request, response, _Bounded(response.stream, softly=True))
                return await self._whole(request, response, kind)
            except httpx2.TransportError as error:
                if request.method != "POST":
                    raise
                return _failed(request, f"{UNREACHED}{str(error) or type(error).__name__}")

        async def _whole(self, request: httpx2.Request, response: httpx2.Response, kind: str) -> httpx2.Response:
            body = bytearray()
            try:
                async for chunk in _parts(response.stream):
                    body += chunk
                    if len(body) > MAX_BODY:
                        return _failed(request, f"{UNUSABLE}{TOO_LONG}")
            finally:
                await response.aclose()
            fault = _fault(request, response, kind, body)
            if fault is not None:
                return _failed(request, fault)
            return httpx2.Response(
                response.status_code, headers=_kept(response.headers), content=bytes(body), request=request
            )

        async def aclose(self) -> None:
            await inner.aclose()

    class _Bounded(httpx2.AsyncByteStream):
        """A stream that ends where it grows too long and, softly, where it breaks.

        The SDK then fails the request that waits for it. Where nothing waits it would only open the stream anew,
        but gives up after two errors.
        """

        def __init__(self, stream: Any, *, softly: bool) -> None:
            self._stream = stream
            self._softly = softly

        async def __aiter__(self) -> AsyncIterator[bytes]:
            received = 0
            try:
                async for chunk in _parts(self._stream):
                    received += len(chunk)
                    if received > MAX_BODY * _STREAM_BODIES:
                        raise httpx2.ReadError(TOO_LONG)
                    yield chunk
            except httpx2.TransportError:
                if not self._softly:
                    raise

        async def aclose(self) -> None:
            await self._stream.aclose()

    def _with_stream(request: httpx2.Request, response: httpx2.Response, stream: _Bounded) -> httpx2.Response:
        return httpx2.Response(response.status_code, headers=response.headers, stream=stream, request=request)

    return SoftFail()


def _fault(request: httpx2.Request, response: httpx2.Response, kind: str, body: bytes | bytearray) -> str | None:
    """Why an answer cannot be one of an MCP server, with the next step; None where the SDK makes what it can of it."""
    status = response.status_code
    if is_redirect(status):
        return _redirected(request, response)
    if status >= 400:
        # Within a session a 404 means that it has ended, which the SDK knows of itself.
        in_session = status == 404 and "mcp-session-id" in request.headers
        return None if in_session or _is_json_rpc(kind, body) else f"{HTTP}{status}{_of_status(status)}"
    if status == 202 or _is_notification(request) or _is_json_rpc(kind, body):
        return None
    what = ": its JSON is no message" if kind.startswith("application/json") else f", but a page ({kind or 'no type'})"
    return f"{UNUSABLE}what answers is no MCP server{what}; check its url"


def _redirected(request: httpx2.Request, response: httpx2.Response) -> str | None:
    """Why a redirect is not followed. Within one address the SDK follows those that keep the request as it is."""
    asked = str(request.url)
    target = target_of(response.headers, asked)
    if target is None:
        return f"{UNUSABLE}it redirects without saying where to; check its url"
    if leads_away(target, asked):
        return (
            f"{UNUSABLE}it redirects to {target}, and no redirect to another address is followed; if it is there, name "
            "that address in its url"
        )
    if response.status_code not in (307, 308):
        return f"{UNUSABLE}it redirects to another path, as pages do that want a login; check its url and its headers"
    # The request that follows has the extensions of this one.
    request.extensions[_FOLLOWED] = followed = request.extensions.get(_FOLLOWED, 0) + 1
    return f"{UNUSABLE}it redirects in a circle; check its url" if followed > _MOST_FOLLOWED else None


def _of_status(status: int) -> str:
    if status in (401, 403):
        return ": it wants a token, or another one; name it in its headers"
    if status == 404:
        return ": nothing is at this path; check its url"
    if status == 405:
        return ": nothing takes messages at this path; check its url"
    return ": a fault of its own; see its log" if status >= 500 else "; check its url"


def _kept(headers: httpx2.Headers) -> dict[str, str]:
    """All but those that say how the body was sent, which it no longer is."""
    return {
        name: value for name, value in headers.items() if name.lower() not in ("content-length", "transfer-encoding")
    }


async def _parts(stream: Any) -> AsyncIterator[bytes]:
    async for chunk in stream:
        yield chunk


def _is_notification(request: httpx2.Request) -> bool:
    """Whether no caller waits, with a limit of its own, for the answer; the SDK sends nothing else meanwhile."""
    if request.method != "POST":
        return False
    message = json.loads(request.content)
    return isinstance(message, dict) and ("id" not in message or "method" not in message)


def _is_json_rpc(kind: str, body: bytes | bytearray) -> bool:
    if not kind.startswith("application/json"):
        return False
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("jsonrpc") == "2.0"


def _failed(request: httpx2.Request, message: str) -> httpx2.Response:
    import httpx2

    error = {"code": _LOST_CONNECTION, "message": message}
    return httpx2.Response(503, json={"jsonrpc": "2.0", "id": None, "error": error}, request=request)
