"""One server over HTTP: connections, their failures, and what may be sent again."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.lmstudio.failures import ServerFailed, body_of, failure_of
from workflow_cli.adapters.redirect import is_redirect, leads_away, target_of
from workflow_cli.domain.answering.failure import FailureKind

if TYPE_CHECKING:
    import ssl

    import httpx

    from workflow_cli.adapters.lmstudio.address import Address
    from workflow_cli.adapters.lmstudio.options import LmStudioOptions

#: Servers close idle connections after 5 s; one that is about to be closed must not be taken.
KEEP_ALIVE = 2.0
LARGEST_BODY = 64 * 1024 * 1024
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """`body` is the parsed JSON, or the text where it is none. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Wire:
    """Requests to one server, within one event loop; `aclose` ends its connections."""

    def __init__(self, address: Address, options: LmStudioOptions) -> None:
        self.address = address
        self._options = options
        self._client: httpx.AsyncClient | None = None
        sends_token = options.token_hosts is None or address.root in options.token_hosts
        self._token = options.token if sends_token else None
        self.withholds_token = options.token is not None and not sends_token

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def get(self, path: str, *, seconds: float) -> Response:
        """Raises ServerFailed where no answer came; a status of any kind is an answer."""
        return await self._whole("GET", path, None, seconds)

    async def post(self, path: str, body: Mapping[str, Any], *, seconds: float) -> Response:
        return await self._whole("POST", path, body, seconds)

    async def _whole(self, method: str, path: str, body: Mapping[str, Any] | None, seconds: float) -> Response:
        try:
            async with asyncio.timeout(seconds), self.opened(method, path, body) as response:
                return Response(
                    status=response.status_code, headers=dict(response.headers), body=await self.rest(response)
                )
        except TimeoutError:
            raise self.late(f"no complete answer within {seconds:g} s") from None

    @asynccontextmanager
    async def opened(self, method: str, path: str, body: Mapping[str, Any] | None) -> AsyncIterator[httpx.Response]:
        """A response whose head has come; leaving early closes its connection, which stops the server's work.

        A connection that fails before any byte of a response is replaced once: the server may have closed it while
        it was idle.
        """
        client = await self._ready()
        import httpx

        content = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        for last in (False, True):
            request = client.build_request(method, self.address.url(path), content=content, headers=self._headers())
            try:
                response = await client.send(request, stream=True)
                break
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
                raise self.unsafe(fault) if (fault := _tls_fault(error)) else self.unreachable() from error
            except httpx.TransportError as error:
                if _leads_nowhere(error):
                    raise self._misdirected() from error
                if not _was_closed(error):
                    raise self.garbled() from error
                if last:
                    raise self.unreachable("closed the connection without an answer") from error
        try:
            yield response
        except httpx.TransportError as error:
            raise self.broken() from error
        except httpx.DecodingError as error:
            raise self.garbled() from error
        finally:
            await response.aclose()

    async def rest(self, response: httpx.Response) -> Any:
        """The body of an open response, within bounds."""
        data = bytearray()
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > LARGEST_BODY:
                raise ServerFailed(
                    FailureKind.BAD_REPLY, "the answer is longer than 64 MiB", where=self.address.label, status=200
                )
        return body_of(bytes(data))

    def refused(self, status: int, headers: Mapping[str, str], body: Any, *, in_stream: bool = False) -> ServerFailed:
        """What an error status, or an error under a good one, means."""
        if is_redirect(status):
            return self._redirected(status, headers)
        failed = failure_of(
            status, body, where=self.address.label, headers=headers, token=self._token, in_stream=in_stream
        )
        if failed.kind is FailureKind.UNAUTHORIZED and self.withholds_token:
            failed.hint = (
                "the token is not sent to an address that the project's own file names; name the address yourself: "
                "LM_STUDIO_BASE_URL, or your user file"
            )
        return failed

    def _redirected(self, status: int, headers: Mapping[str, str]) -> ServerFailed:
        """No redirect is followed: questions and token are meant for the server that was named."""
        target = target_of(headers, self.address.root)
        if target is None:
            to, hint = "without saying where to", "check lm_studio.base_url"
        elif leads_away(target, self.address.root):
            to = f"to {target}, and no redirect is followed"
            hint = "if the model server is there, name that address in LM_STUDIO_BASE_URL, or in lm_studio.base_url"
        else:
            to = "to another path of the same address, and no redirect is followed"
            hint = "check the path in lm_studio.base_url"
        return ServerFailed(
            FailureKind.BAD_REPLY,
            f"status {status}; it redirects {to}",
            where=self.address.label,
            hint=hint,
            status=status,
            before_reply=True,
        )

    def _misdirected(self) -> ServerFailed:
        message = "it redirects to what is no address, and no redirect is followed"
        return ServerFailed(
            FailureKind.BAD_REPLY, message, where=self.address.label, hint="check lm_studio.base_url", before_reply=True
        )

    def late(self, message: str) -> ServerFailed:
        return ServerFailed(
            FailureKind.TIMEOUT, message, where=self.address.label, hint="see the times of lm_studio in the settings"
        )

    def unreachable(self, message: str = "no server answers") -> ServerFailed:
        return ServerFailed(
            FailureKind.UNREACHABLE,
            message,
            where=self.address.label,
            hint="start the server (`lms server start`), or set lm_studio.base_url",
            before_reply=True,
        )

    def unsafe(self, fault: ssl.SSLError) -> ServerFailed:
        """A server is there, and no connection that nobody else can read comes about with it."""
        if reason := getattr(fault, "verify_message", None):
            message = f"its certificate is not trusted: {reason}"
            hint = "name the file with the certificate of its authority in SSL_CERT_FILE"
        else:
            message = f"no TLS comes about with it: {(fault.reason or str(fault)).lower().replace('_', ' ')}"
            hint = "if the server speaks plain HTTP, write http:// in lm_studio.base_url"
        return ServerFailed(FailureKind.UNREACHABLE, message, where=self.address.label, hint=hint, before_reply=True)

    def broken(self) -> ServerFailed:
        return ServerFailed(FailureKind.UNREACHABLE, "the connection broke off in the reply", where=self.address.label)

    def garbled(self) -> ServerFailed:
        return ServerFailed(
            FailureKind.BAD_REPLY, "what answers is not HTTP", where=self.address.label, hint="check lm_studio.base_url"
        )

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token}"
        return headers

    async def _ready(self) -> httpx.AsyncClient:
        self._options.network.check(self.address.host, where=self.address.label)
        if self._client is None:
            if self.address.is_loopback or not any(os.environ.get(n) or os.environ.get(n.upper()) for n in _PROXIES):
                await self._probe()
            import httpx

            plain = self.address.is_loopback and self.address.root.startswith("http:")
            self._client = httpx.AsyncClient(
                # SSL_CERT_FILE counts on this machine, too. Without TLS no certificates are read, which takes 50 ms.
                verify=False if plain else httpx.create_ssl_context(),
                timeout=httpx.Timeout(None, connect=self._options.connect_timeout),
                limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_ALIVE),
                # A proxy knows nothing of this machine's own servers.
                trust_env=not self.address.is_loopback,
                follow_redirects=False,
            )
        return self._client

    async def _probe(self) -> None:
        """Whether anybody listens: it costs a millisecond, importing httpx a hundred."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._options.connect_timeout):
                transport, _ = await loop.create_connection(asyncio.Protocol, self.address.host, self.address.port)
        except (OSError, TimeoutError) as error:
            raise self.unreachable() from error
        transport.close()


def _tls_fault(error: BaseException) -> ssl.SSLError | None:
    """What went wrong about TLS, where that is below an error of the client."""
    import ssl

    below: BaseException | None = error
    while below is not None and not isinstance(below, ssl.SSLError):
        below = below.__cause__ or below.__context__
    return below


def _leads_nowhere(error: Exception) -> bool:
    """Whether the client could not read where a redirect leads; it looks although none is followed."""
    import httpx

    return isinstance(error, httpx.RemoteProtocolError) and "location header" in str(error).lower()


def _was_closed(error: Exception) -> bool:
    """Whether the connection ended before a byte of a response, rather than that the bytes were no HTTP."""
    import httpx

    if isinstance(error, httpx.RemoteProtocolError):
        return "disconnected" in str(error).lower()
    return isinstance(error, httpx.NetworkError)
