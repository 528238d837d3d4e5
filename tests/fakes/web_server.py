"""A small real HTTP server that is no model server and no MCP server: the first part of the path says how it answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

SECRET = "sk-in-an-address"


class Page(NamedTuple):
    status: int
    kind: str = "text/plain"
    body: bytes = b""
    location: str | None = None


PAGES = {
    "away": Page(308, location=f"https://jo:{SECRET}@models.example:8443/deep?token={SECRET}"),
    "circle": Page(307, location="/circle"),
    "login": Page(302, location=f"/sign-in?next={SECRET}"),
    "nowhere": Page(307),
    "odd": Page(307, location="http://[::zz/"),
    "html": Page(200, "text/html", b"<html><title>Sign in</title><p>Please sign in.</html>"),
    "json": Page(200, "application/json", b'{"hello": 1}'),
    "empty": Page(200),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        name = self.path.split("/")[1]
        page = PAGES.get(name) or Page(int(name), "text/html", b"<html><p>Not today.</html>")
        self.send_response(page.status)
        self.send_header("content-type", page.kind)
        self.send_header("content-length", str(len(page.body)))
        if page.location is not None:
            self.send_header("location", page.location)
        self.end_headers()
        self.wfile.write(page.body)

    do_GET = do_POST = do_DELETE = _answer


@contextmanager
def web_server() -> Iterator[str]:
    """Its address, without a slash at the end."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
