"""An answer written in one go: head and body in one piece, where aiohttp's own response takes several steps."""

from __future__ import annotations

import time
from email.utils import formatdate

from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter

_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 403: "Forbidden", 413: "Content Too Large"}
_REASONS |= {422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error"}
_REASONS |= {503: "Service Unavailable"}


class Head:
    """The first lines of an answer with one status and type; made once, its date anew each second."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}", *(f"{k}: {v}" for k, v in headers.items())]
        self._fixed = "\r\n".join(lines).encode()
        self._second, self._text = 0, b""

    def text(self) -> bytes:
        """All of it but the length."""
        now = int(time.time())
        if now != self._second:
            self._second, self._text = now, self._fixed + b"\r\nDate: " + formatdate(now, usegmt=True).encode()
        return self._text


class OneWrite(web.StreamResponse):
    """A response that is written as one piece of bytes; for HTTP/1.1 only."""

    def __init__(self, status: int, head: Head, body: bytes) -> None:
        self._status, self._head, self._content = status, head, body

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Writes everything."""
        if self._eof_sent:
            return None
        self._payload_writer = writer = request.writer
        if self._keep_alive is None:
            self._keep_alive = request.keep_alive
        close = b"" if self._keep_alive else b"\r\nConnection: close"
        length = b"" if self._status == 204 else b"\r\nContent-Length: %d" % len(self._content)
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client has gone")
        transport.write(b"%b%b%b\r\n\r\n%b" % (self._head.text(), length, close, self._content))
        return writer

    async def write_eof(self, data: bytes = b"") -> None:
        """Waits if the client reads slower than we write."""
        self._eof_sent = True
        if self._payload_writer is not None:
            await self._payload_writer.drain()
            self._payload_writer = None


class Responses:
    """Answers of one dialect: the same headers on each."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers
        self._heads: dict[tuple[int, str], Head] = {}

    def make(self, request: web.Request, status: int, body: bytes, retry_after: str = "") -> web.StreamResponse:
        """The response to a request; aiohttp's own for a client of HTTP/1.0."""
        if request.version == HttpVersion11:
            head = self._heads.get((status, retry_after))
            if head is None:
                head = self._heads[status, retry_after] = Head(status, self._with(retry_after))
            return OneWrite(status, head, body)
        return web.Response(status=status, body=body, headers=self._with(retry_after))

    def _with(self, retry_after: str) -> dict[str, str]:
        return self._headers | ({"Retry-After": retry_after} if retry_after else {})
